# After `up` and `down -v` the machine is what it was: mounts, links, namespaces, rules, cgroups, processes, files.
. "$TOP/tests/e2e/lib.sh"
port=$(free_port)
cat > compose.yaml <<Y
services:
  web: {image: busybox, command: httpd -f -p 80, ports: ["127.0.0.1:$port:80", "81"], scale: 1, volumes: ["data:/data", /anonymous], networks: [front, back]}
  worker: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 3, networks: [back], tmpfs: /scratch, secrets: [s]}
  once: {image: busybox, command: "true"}
  again: {image: busybox, command: sh -c "sleep 0.2; exit 1", restart: always, stop_signal: SIGKILL}
networks: {front: , back: {internal: true}}
volumes: {data: }
secrets: {s: {file: ./s}}
Y
echo secret > s
# The first run leaves what is meant to stay: caches and the engine's folders.
"$DEVC" up -d; "$DEVC" down -v -t 0
# What has ended takes the kernel a moment to clear away: the state before is one that stays.
inventory > before
for try in $(seq 50); do sleep 0.2; inventory > again; cmp -s before again && break; mv again before; done
spaces=$(namespaces)
for round in 1 2 3; do
  "$DEVC" up -d
  "$DEVC" exec -T web true
  "$DEVC" run --rm -T worker true
  "$DEVC" scale worker=5
  "$DEVC" up -d --force-recreate web
  "$DEVC" down -v -t 0
done
for try in $(seq 50); do inventory > after; cmp -s before after && [ "$(namespaces)" -le "$spaces" ] && exit 0; sleep 0.1; done
diff before after || true
die "something was left behind"
