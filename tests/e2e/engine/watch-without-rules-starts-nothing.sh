# Where there is nothing to watch, watch and up --watch say so and start nothing.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -t 0' EXIT
cat >compose.yaml <<'Y'
services:
  a: {image: busybox, command: sleep 100, stop_signal: SIGKILL}
Y
for command in watch "up --watch"; do
  fails timeout 20 "$DEVC" $command
  has "$(cat out.log)" "none of the selected services is configured for watch" "$command"
  eq "$("$DEVC" ps -aq)" "" "containers of $command"
done
sed 's/}$/, develop: {watch: [{action: rebuild, path: ., ignore: ["[a"]}]}}/' compose.yaml >malformed.yaml
fails timeout 20 "$DEVC" -f malformed.yaml up --watch
has "$(cat out.log)" "[a" "a malformed pattern"
eq "$("$DEVC" ps -aq)" "" "containers"
