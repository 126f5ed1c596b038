# A running container is found by its new name as soon as it has it, and not by the one that it had.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f one two three >/dev/null 2>&1 || true; "$DEVC" network prune -f >/dev/null' EXIT
"$DEVC" network create net >/dev/null
"$DEVC" container run -d --name one --network net busybox sleep 1000 >/dev/null
"$DEVC" container run -d --name two --network net busybox sleep 1000 >/dev/null
finds() { "$DEVC" container exec one nslookup "$1" 127.0.0.11; }
finds two >/dev/null || die "the container is not found"
"$DEVC" container rename two three
finds three >/dev/null || die "the container is not found by its new name"
fails finds two
