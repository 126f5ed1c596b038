# The subpath of a volume is a link when the container that has it mounted does not run: cp follows it within the volume.
. "$TOP/tests/security/lib.sh"
outside=$(mktemp -d /tmp/devc-outside-XXXXXX); echo host-secret >"$outside/secret"
trap '"$DEVC" container rm -f sub$$ >/dev/null 2>&1 || true; "$DEVC" volume rm -f v$$ >/dev/null 2>&1 || true; rm -rf "$outside"' EXIT
"$DEVC" volume create v$$ >/dev/null
"$DEVC" container run --rm -v v$$:/v busybox mkdir /v/place
"$DEVC" container create --name sub$$ --mount type=volume,src=v$$,dst=/sub,volume-subpath=place busybox true >/dev/null
echo text >file
"$DEVC" container cp file sub$$:/sub/made
"$DEVC" container run --rm -v v$$:/v busybox sh -c "test -f /v/place/made && rm -r /v/place && ln -s $outside /v/place"
"$DEVC" container cp sub$$:/sub/secret got >/dev/null 2>&1 || true
[ ! -e got ] || die "cp read a file of the machine"
"$DEVC" container cp file sub$$:/sub/made >/dev/null 2>&1 || true
eq "$(ls "$outside")" secret "the machine's folder"
