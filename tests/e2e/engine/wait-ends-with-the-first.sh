# `wait` with several services: its status is that of the first that ends.
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
