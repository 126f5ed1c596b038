# A monitor keeps what boxes and its own container need, and no more of the machine; restarts, health checks and removal work.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat >compose.yaml <<'Y'
services:
  plain: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, restart: always, healthcheck: {test: "true", interval: 0.2s}, ports: ["80"]}
  clock: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, cap_add: [SYS_TIME]}
  all: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, privileged: true}
Y
"$DEVC" up -d
monitor() { pgrep -f "devc-monitor run $DEVC_STATE_DIR/containers/$("$DEVC" ps -q "$1")" | head -n 1; }
set_of() { sed -n "s/^$2:\s*//p" "/proc/$1/status"; }
# SYS_MODULE SYS_RAWIO SYS_BOOT SYS_TIME SYSLOG LINUX_IMMUTABLE MAC_ADMIN AUDIT_CONTROL
machine=$((1 << 16 | 1 << 17 | 1 << 22 | 1 << 25 | 1 << 34 | 1 << 9 | 1 << 33 | 1 << 30))
for set in CapPrm CapEff CapBnd; do
  eq "$((0x$(set_of "$(monitor plain)" $set) & machine))" 0 "$set of a monitor, over the machine"
  eq "$((0x$(set_of "$(monitor clock)" $set) & machine))" $((1 << 25)) "$set of the monitor of one that may set the clock"
  eq "$(set_of "$(monitor all)" $set)" "$(set_of self $set)" "$set of the monitor of a privileged one"
done
eq "$("$DEVC" exec -T plain sed -n 's/^CapBnd:\s*//p' /proc/1/status)" 00000000a80425fb "the container's own"
before=$("$DEVC" container inspect -f '{{.State.Pid}}' "$("$DEVC" ps -q plain)")
kill -9 "$before"
again() { now=$("$DEVC" container inspect -f '{{.State.Pid}}' "$("$DEVC" ps -q plain)") && [ "$now" != 0 ] && [ "$now" != "$before" ]; }
until_ok 10 again
healthy() { [ "$("$DEVC" container inspect -f '{{.State.Health.Status}}' "$("$DEVC" ps -q plain)")" = healthy ]; }
until_ok 10 healthy
"$DEVC" container run -d --rm --name gone$$ busybox sleep 0.2 >/dev/null
removed() { ! "$DEVC" container inspect gone$$ >/dev/null 2>&1; }
until_ok 10 removed
