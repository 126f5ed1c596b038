# The image that a rebuild takes the name from goes, unless --no-prune.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0 --rmi local' EXIT
nameless() { "$DEVC" image ls -q --filter dangling=true | wc -l; }
rebuilt() { # VERSION: until the container has it
  echo "$1" >f; until_ok 20 sh -c '[ "$("$DEVC" exec -T a cat /f)" = '"$1"' ]'
}
printf 'FROM busybox\nCOPY f /f\nCMD ["sleep","100"]\n' >Dockerfile
echo 0 >f
cat >compose.yaml <<'Y'
services:
  a: {build: ., stop_signal: SIGKILL, develop: {watch: [{action: rebuild, path: ./f}]}}
Y
"$DEVC" up -d; before=$(nameless)
"$DEVC" watch --no-up --no-prune >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
rebuilt 1; eq "$(nameless)" $((before + 1)) "with --no-prune"
kill $watch; wait $watch || true
"$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
rebuilt 2; rebuilt 3
until_ok 10 sh -c "[ \$(\"\$DEVC\" image ls -q --filter dangling=true | wc -l) = $before ]"
