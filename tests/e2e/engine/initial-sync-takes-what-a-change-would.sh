# initial_sync copies the files that a change of each would bring: not those that are ignored or not included.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0' EXIT
mkdir -p src/lib src/node_modules/m
touch src/a.js src/a.tmp src/lib/b.js src/lib/b.css src/node_modules/m/m.js src/.a.js.swp
cat >compose.yaml <<'Y'
services:
  a:
    image: busybox
    command: sleep 100
    stop_signal: SIGKILL
    develop:
      watch:
        - {action: sync, path: ./src, target: /app, initial_sync: true, ignore: [node_modules/, "*.tmp"]}
        - {action: sync, path: ./src, target: /js, initial_sync: true, include: ["**/*.js"], ignore: [node_modules/]}
Y
"$DEVC" up -d
"$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
eq "$("$DEVC" exec -T a find /app /js -type f | sort | xargs)" "/app/a.js /app/lib/b.css /app/lib/b.js /js/a.js /js/lib/b.js" "what was copied"
