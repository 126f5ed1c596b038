# watch takes what a user writes, not what editors and git write beside it.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0' EXIT
mkdir -p src/lib/.git
cat >compose.yaml <<'Y'
services:
  a:
    image: busybox
    command: sleep 100
    stop_signal: SIGKILL
    develop: {watch: [{action: sync, path: ./src, target: /app}]}
Y
"$DEVC" up -d
"$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
touch src/.f.swp src/4913 src/f~ src/.#f src/#f# src/lib/.git/index src/lib/f___jb_tmp___
sleep 0.3
touch src/lib/f
until_ok 10 "$DEVC" exec -T a test -e /app/lib/f
eq "$("$DEVC" exec -T a find /app -type f)" /app/lib/f "what was copied"
eq "$(grep -c Syncing watch.log)" 1 "syncs"
