# What a container has from outside by a bind mount is not copied onto itself again and again.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0' EXIT
mkdir -p src/lib conf
cat >compose.yaml <<'Y'
services:
  a:
    image: busybox
    command: sleep 100
    stop_signal: SIGKILL
    volumes: [./src/lib:/lib/shared, ./conf:/conf]
    develop:
      watch:
        - {action: sync, path: ./src, target: /app}
        - {action: sync, path: ./src/lib, target: /lib/shared}
        - {action: sync, path: ./conf/f, target: /conf/f}
        - {action: sync+exec, path: ./conf, target: /other, exec: {command: touch /executed}}
        - {action: restart, path: ./conf/g}
Y
"$DEVC" up -d
"$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
eq "$(grep -c "is bind-mounted" watch.log)" 3 "warnings"
echo 1 >src/f; echo 1 >src/lib/f; echo 1 >conf/f
until_ok 10 "$DEVC" exec -T a test -s /app/f
sleep 1
eq "$(grep -c Syncing watch.log)" 1 "syncs"
"$DEVC" exec -T a test ! -e /app/lib/f || die "a file of a bind mount was copied"
echo 1 >conf/g; until_ok 10 grep -q restarted watch.log
