# A container that waits for its next start is connected and disconnected as one that runs: it starts with what it is on by then.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f one >/dev/null 2>&1 || true; "$DEVC" network prune -f >/dev/null' EXIT
"$DEVC" network create first >/dev/null
"$DEVC" network create second >/dev/null
"$DEVC" container run -d --name one --network first --restart always -v "$PWD:/own" busybox sh -c 'test -f /own/go && exec sleep 1000' >/dev/null
# It waits longer after each try: long enough for what follows.
waits() { case "$("$DEVC" container inspect -f '{{.State.Status}} {{.RestartCount}}' one)" in "restarting "[4-9]) ;; *) false ;; esac; }
until_ok 30 waits
"$DEVC" network connect second one
"$DEVC" network disconnect first one
eq "$("$DEVC" container inspect -f '{{.State.Status}}' one)" restarting "the container meanwhile"
address=$("$DEVC" container inspect -f '{{.NetworkSettings.Networks.second.IPAddress}}' one)
touch go
runs() { [ "$("$DEVC" container inspect -f '{{.State.Status}}' one)" = running ] && "$DEVC" container exec one true; }
until_ok 60 runs
eq "$("$DEVC" container exec one ip -4 -o addr show scope global | sed 's/.*inet \([0-9.]*\).*/\1/')" "$address" "the addresses of the container"
