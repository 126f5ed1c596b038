# The machine's clock jumps, a day ahead and two back: probes, restarts, logs and every command go on.
. /vm/lib.sh
jump() { date -s "@$(($(date +%s) + $1))" >/dev/null; }
cat >compose.yaml <<Y2
services:
  web: {image: busybox, command: sh -c "while sleep 0.2; do echo beat; done", stop_signal: SIGKILL, healthcheck: {test: "echo x >>/probes", interval: 1s}}
  again: {image: busybox, command: sh -c "echo x >>/runs/all; exit 1", restart: always, volumes: ["runs:/runs"]}
  late: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: {web: {condition: service_healthy}}}
volumes: {runs: }
Y2
devc up -d || die up
count() { devc exec -T web sh -c 'wc -l </probes'; }
more_probes() { [ "$(count)" -gt "$before" ]; }
runs() { devc container inspect --format '{{.RestartCount}}' "$(devc ps -aq again)"; }
more_runs() { [ "$(runs)" -gt "$restarts" ]; }
beats() { [ -n "$(devc logs --no-log-prefix --since 2s web)" ]; }
for step in 86400 -172800 86400; do
  before=$(count) restarts=$(runs)
  jump "$step"
  until_ok 30 more_probes
  until_ok 90 more_runs  # what waits between two starts grows up to a minute, by no clock that jumps
  until_ok 30 beats
  eq "$(inspect "$(devc ps -q web)" '{{.State.Health.Status}}')" healthy "health after a jump of $step s"
  devc up -d || die "up after a jump of $step s"
  eq "$(devc ps -q late | wc -l)" 1 "what was there is kept"
  devc exec -T late true
  timeout 20 devc restart -t 0 late || die "restart after a jump of $step s"
  devc ps >/dev/null
  devc run --rm -T late true || die "run after a jump of $step s"
done
cat >Dockerfile <<D
FROM busybox
RUN date >/made
D
devc image build -q -t built . >first
jump -7200
devc image build -q -t built . >second
cmp first second || die "a build without a change is cached after a jump"
jump 7200
devc image rm -f built >/dev/null
devc system prune -f >/dev/null 2>&1 || true
timeout 20 devc stop -t 0
devc down -v -t 0
devc system check || die "the store is damaged"
