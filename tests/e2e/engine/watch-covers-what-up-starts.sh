# up --watch SERVICE watches the dependencies that it starts; watch SERVICE needs no profile.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" --profile "*" down -t 0' EXIT
mkdir src
cat >compose.yaml <<'Y'
x-service: &service {image: busybox, command: sleep 100, stop_signal: SIGKILL}
services:
  front: {<<: *service, depends_on: [back]}
  back: {<<: *service, develop: {watch: [{action: sync, path: ./src, target: /src}]}}
  debug: {<<: *service, profiles: [debug], develop: {watch: [{action: sync, path: ./src, target: /src}]}}
Y
"$DEVC" up --watch front >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
echo 1 >src/f; until_ok 10 "$DEVC" exec -T back test -s /src/f
kill -TERM $watch; wait $watch || true
fails timeout 20 "$DEVC" up --no-deps --watch front
has "$(cat out.log)" "none of the selected services is configured for watch" "--no-deps"
"$DEVC" watch debug >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
echo 1 >src/g; until_ok 10 "$DEVC" exec -T debug test -s /src/g
