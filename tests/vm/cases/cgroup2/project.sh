# A project: services find each other by name, publish ports, are probed and started again; nothing is left after down.
. /vm/lib.sh
cat >compose.yaml <<Y
services:
  web:
    image: busybox
    command: sh -c "echo hello >/index.html; exec httpd -f -p 80 -h /"
    stop_signal: SIGKILL
    ports: ["8080:80", "127.0.0.1:8081:80"]
    healthcheck: {test: wget -qO- http://localhost/, interval: 1s, retries: 30}
    deploy: {resources: {limits: {cpus: "0.9", memory: 64M, pids: 50}, reservations: {memory: 16M}}}
  client:
    image: busybox
    command: sh -c "wget -qO- http://web/ && sleep 1000"
    stop_signal: SIGKILL
    depends_on: {web: {condition: service_healthy}}
  again: {image: busybox, command: sh -c "sleep 0.1; exit 1", restart: "on-failure:3"}
volumes: {data: }
Y
devc up -d || die up
until_ok 30 sh -c 'devc logs --no-log-prefix client | grep -q hello'
eq "$(inspect "$(devc ps -q web)" '{{.State.Health.Status}}')" healthy "health"
eq "$(wget -qO- http://127.0.0.1:8080/)" hello "a published port"
eq "$(wget -qO- http://127.0.0.1:8081/)" hello "one published on an address"
group=$(group_of "$(devc ps -q web)")
eq "$(echo $(cat "$group/memory.max" "$group/memory.low" "$group/cpu.max" "$group/pids.max"))" "67108864 16777216 90000 100000 50" "limits of deploy"
until_ok 60 sh -c "[ \$(devc container inspect --format '{{.RestartCount}}' \$(devc ps -aq again)) = 3 ]"
devc up -d --scale client=3
eq "$(devc ps -q client | wc -l)" 3 "scaled"
devc pause web; devc unpause web
devc restart -t 0 web
until_ok 30 sh -c '[ "$(wget -qO- http://127.0.0.1:8080/)" = hello ]'
cat >Dockerfile <<D
FROM busybox
RUN cat /proc/self/cgroup >/group && ! mkdir /sys/fs/cgroup/x
D
devc image build -q -t built . >/dev/null || die build
eq "$(run built cat /group)" "0::/" "a step of a build has a namespace of its own"
devc image rm -f built >/dev/null
devc system prune -f >/dev/null 2>&1 || true
devc down -v -t 0
[ ! -e /sys/fs/cgroup/devc ] || die "left behind: $(find /sys/fs/cgroup/devc -type d)"
