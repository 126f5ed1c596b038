# Commands on all services are on those of the compose file and its active profiles: other containers stay as they are.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" -f both.yaml down -v -t 0 --remove-orphans' EXIT
cat > both.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
cat > profile.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, profiles: [other]}
Y
states() { "$DEVC" -f both.yaml ps -a --format '{{.Service}} {{.State}}' | sort | tr '\n' ' '; }
started() { "$DEVC" container inspect -f '{{.State.StartedAt}}' "$("$DEVC" -f both.yaml ps -q b)"; }
"$DEVC" -f both.yaml up -d
before=$(started)
"$DEVC" pause; eq "$(states)" "a paused b running " "after pause"
"$DEVC" unpause; eq "$(states)" "a running b running " "after unpause"
"$DEVC" stop -t 0; eq "$(states)" "a exited b running " "after stop"
"$DEVC" start; "$DEVC" kill; eq "$(states)" "a exited b running " "after kill"
"$DEVC" start; "$DEVC" restart -t 0; eq "$(states)" "a running b running " "after restart"
"$DEVC" -f profile.yaml stop -t 0; eq "$(states)" "a exited b running " "after stop without the profile"
eq "$(started)" "$before" "when the orphan was started"
fails "$DEVC" stop b
"$DEVC" -f profile.yaml stop -t 0 b; eq "$(states)" "a exited b exited " "after stop of the service by name"
"$DEVC" rm -f; eq "$(states)" "b exited " "after rm"
"$DEVC" up -d
"$DEVC" down -t 0; eq "$(states)" "b exited " "after down"
