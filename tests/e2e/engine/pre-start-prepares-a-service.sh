# pre_start: containers that run to their end, with the service's volumes, networks, secrets and variables, before it starts.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
echo hush > s
cat > compose.yaml <<'END'
services:
  db: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
  web:
    image: busybox
    command: [sh, -c, "cat /data/made /anonymous/made; sleep 1000"]
    stop_signal: SIGKILL
    depends_on: [db]
    user: "7"
    working_dir: /tmp
    environment: {A: service, B: service}
    volumes: ["data:/data", /anonymous]
    secrets: [s]
    pre_start:
      - command: [sh, -c, "echo ran >> /data/runs; echo first > /data/made; chmod -R a+rwX /data /anonymous; ping -c1 -w5 db >/dev/null && id -u; cat /run/secrets/s"]
        user: root
      - command: [sh, -c, "echo $$A $$B $$(id -u) $$(pwd) >> /data/made; echo second >&2; touch /anonymous/made"]
        environment: [B=hook]
      - {image: other, command: [sh, -c, "id -u >> /data/made"]}
secrets: {s: {file: s}}
volumes: {data: }
END
"$DEVC" image tag busybox other
eq "$("$DEVC" config --images | sort | tr '\n' ' ')" "busybox busybox other " "the images"
said=$("$DEVC" --progress plain up -d 2>&1)
has "$said" "web pre_start[0] -> | 0" "what a hook writes, its user, and that it reaches the others"
has "$said" "hush" "the secrets"
has "$said" "web pre_start[1] -> | second" "its errors"
until_ok 20 sh -c "'$DEVC' logs web | grep -q '| 0'"
logs=$("$DEVC" logs --no-log-prefix web)
eq "$logs" "$(printf 'first\nservice hook 7 /tmp\n0')" "what was prepared"
eq "$("$DEVC" ps -aq | wc -l)" 2 "containers afterwards"
runs() { "$DEVC" exec -T web grep -c ran /data/runs; }
eq "$(runs)" 1 "at first"
"$DEVC" up -d
"$DEVC" up -d --scale web=2
"$DEVC" restart -t 0 web
eq "$(runs)" 1 "where one runs, and with restart"
"$DEVC" stop web; "$DEVC" start web
eq "$(runs)" 2 "with start, when none ran"
"$DEVC" up -d --force-recreate web
eq "$(runs)" 3 "with new ones"

# Only what starts needs what it is prepared with.
mv s gone; "$DEVC" stop web; mv gone s

# What fails keeps the service from starting, and leaves nothing behind.
"$DEVC" stop web
sed -i 's/image: other, command: .*}/command: [sh, -c, "echo broken; exit 3"]}/' compose.yaml
status=0; said=$("$DEVC" --progress plain up -d 2>&1) || status=$?
eq "$status" 1 "a hook that fails"
has "$said" 'service "web" pre_start[2] exited with code 3' "which one"
has "$said" "web pre_start[2] -> | broken" "what it wrote"
eq "$("$DEVC" ps -q web | wc -l)" 0 "running"
eq "$("$DEVC" ps -aq | wc -l)" 2 "containers after a failure"

# Once for each container where that is asked for.
cat > compose.yaml <<'END'
services:
  web:
    image: busybox
    command: sleep 1000
    stop_signal: SIGKILL
    volumes: ["data:/data"]
    pre_start: [{command: [sh, -c, "echo ran >> /data/runs"], per_replica: true}]
volumes: {data: }
END
"$DEVC" down -v -t 0 --remove-orphans; "$DEVC" up -d --scale web=2
eq "$(runs)" 2 "for each of two"
"$DEVC" up -d --scale web=3
eq "$(runs)" 3 "for the third"

# What a killed command has left of it is in nobody's way.
"$DEVC" down -v -t 0
sed -i 's/\[sh, -c, "echo ran/[sh, -c, "[ -e \/data\/again ] || { touch \/data\/again; sleep 1000; }; echo ran/' compose.yaml
"$DEVC" up -d & pid=$!
until_ok 20 sh -c "'$DEVC' ps -a --format '{{.Name}} {{.State}}' | grep -q 'pre_start.*running'"
kill -9 $pid; wait $pid || true
"$DEVC" up -d
eq "$(runs)" 1 "after a killed command"
eq "$("$DEVC" ps -aq | wc -l)" 1 "containers after a killed command"

# A container of somebody else that has its name is not touched.
"$DEVC" down -t 0
sed -i 's/, per_replica: true//' compose.yaml
other=$("$DEVC" container create --name "$COMPOSE_PROJECT_NAME-web-0-pre_start" busybox)
fails "$DEVC" up -d
has "$(cat out.log)" "is already in use" "a name that another has"
"$DEVC" container rm "$other"
"$DEVC" up -d
