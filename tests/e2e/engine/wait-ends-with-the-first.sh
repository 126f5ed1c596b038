# `wait` with several services: its status is that of the first that ends. `stop` ends orphans too, `down` leaves them.
. "$TOP/tests/e2e/lib.sh"
cat >compose.yaml <<'Y'
services:
  short: {image: busybox, command: sh -c "sleep 1; exit 7"}
  long: {image: busybox, command: sleep 1000}
Y
"$DEVC" up -d
status=0; text=$("$DEVC" wait long short) || status=$?
eq "$status" 7 "the status of the first that ends"; has "$text" "exited with status code 7" "what wait says"
eq "$("$DEVC" ps -q | wc -l)" 1 "the other one runs on"

"$DEVC" up -d
status=0; "$DEVC" wait --down-project long short >/dev/null || status=$?
eq "$status" 7 "the status with --down-project"
eq "$("$DEVC" ps -a -q | wc -l)" 0 "containers after --down-project"

"$DEVC" up -d long
printf 'services: {other: {image: busybox, command: sleep 1000}}\n' >later.yaml
"$DEVC" -f later.yaml up -d
"$DEVC" -f later.yaml stop -t 0
eq "$("$DEVC" ps -q | wc -l)" 0 "what runs after stop, orphans counted"
"$DEVC" -f later.yaml down -t 0
eq "$("$DEVC" ps -a -q | wc -l)" 1 "down leaves orphans"
"$DEVC" down -t 0 --remove-orphans
