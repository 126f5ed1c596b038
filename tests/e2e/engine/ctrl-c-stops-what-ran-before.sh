# An attached `up` of a project that runs already stops it on SIGINT, as one that has started it.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
"$DEVC" up -d
mkfifo said
env --default-signal=INT "$DEVC" up 2>said &
up=$!
exec 3<said
while read -r line <&3; do [ "$line" != "Attaching to a-1" ] || break; done
kill -INT $up
status=0; wait $up || status=$?
eq "$status" 130 "status of up"
has "$(cat <&3)" "Gracefully Stopping" "what up says"
eq "$("$DEVC" ps -q)" "" "what runs"
