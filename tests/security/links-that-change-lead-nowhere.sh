# While a container exchanges a folder with a link as fast as it can, mounts, cp and volumes of others never reach the
# machine's files (CVE-2018-15664, CVE-2021-30465, CVE-2025-31133 and their kin).
. "$TOP/tests/security/lib.sh"
build_probe
outside=$(mktemp -d /tmp/devc-outside-XXXXXX); echo host-secret >"$outside/secret"; mkdir "$outside/in"
trap '"$DEVC" down -v -t 0 >/dev/null 2>&1; rm -rf "$outside"' EXIT
listing() { find "$outside" -printf '%p %m %u %s\n' | sort; cat "$outside/secret"; findmnt -rn -o TARGET | grep -c "$outside" || true; }
before=$(listing)
cat >compose.yaml <<Y
services:
  swapper:
    image: busybox
    command: /probe swap /shared/place $outside
    init: true
    volumes: [./probe:/probe:ro, shared:/shared]
  victim:
    image: busybox
    command: sh -c 'cat /shared/place/in/x/secret /shared/place/secret /shared/place/tmp/secret 2>/dev/null; touch /shared/place/in/x/made /shared/place/made; true'
    volumes: [shared:/shared, other:/shared/place/in/x]
    tmpfs: [/shared/place/tmp]
  sub:
    image: busybox
    command: sh -c 'cat /sub/secret; touch /sub/made; true'
    volumes: [{type: volume, source: shared, target: /sub, volume: {subpath: place}}]
volumes: {shared: , other: }
Y
"$DEVC" create -q >/dev/null 2>&1 || "$DEVC" create
"$DEVC" start swapper
for round in $(seq 40); do
  said=$("$DEVC" start victim 2>&1; "$DEVC" start sub 2>&1) || true
  "$DEVC" cp "$TOP/README.md" swapper:/shared/place/copied >/dev/null 2>&1 || true
  "$DEVC" cp swapper:/shared/place - 2>/dev/null >got.tar || true
  if grep -q host-secret got.tar; then die "cp brought a file of the machine"; fi
  "$DEVC" cp swapper:/shared/place/secret . >/dev/null 2>&1 || true
  [ ! -e secret ] || die "cp brought a file of the machine"
done
"$DEVC" stop -t 0 victim sub
if "$DEVC" logs victim sub | grep -q host-secret; then die "a container read the machine's file"; fi
eq "$(listing)" "$before" "the machine's folder"

# Masked paths: /dev/null of the container is not what is bound over them, whatever stands there.
mkdir dev; ln -s "$outside/secret" dev/null
"$DEVC" container run --rm -v "$PWD/dev:/dev" busybox true >out.log 2>&1 && die "a false /dev/null must stop the start" || true
printf 'FROM busybox\nRUN rm -rf /etc && ln -s %s /etc\n' "$outside" >Dockerfile
"$DEVC" image build -q -t links$$ . >/dev/null 2>&1 || true
"$DEVC" container run --rm links$$ sh -c 'cat /etc/secret; touch /etc/made' >out.log 2>&1 || true
if grep -q host-secret out.log; then die "/etc of the image led out"; fi
"$DEVC" image rm -f links$$ >/dev/null 2>&1 || true
printf 'FROM busybox\nRUN mkdir /v && ln -s %s /v/there && ln -s / /v/root\n' "$outside" >Dockerfile
"$DEVC" image build -q -t links$$ . >/dev/null
for target in /v/there /v/there/in /v/root/tmp "/v/root$outside"; do
  "$DEVC" container run --rm -v other$$:"$target" --tmpfs "$target/t" links$$ sh -c 'touch /v/there/made' >out.log 2>&1 || true
done
"$DEVC" volume rm other$$ >/dev/null 2>&1 || true
"$DEVC" image rm -f links$$ >/dev/null
eq "$(listing)" "$before" "the machine's folder after images with links"
