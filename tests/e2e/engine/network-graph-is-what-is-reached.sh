# `network graph` says of every pair of containers what a connection between them says.
. "$TOP/tests/e2e/machine.sh"
trap '"$DEVC" down -t 0; remove_neighbour' EXIT
port=$(free_port)
# Where bridges are not filtered, containers that are kept apart are so by the bridge itself.
sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null || true
cat >compose.yaml <<Y
x-all: &all {image: busybox, command: httpd -f -p 80, stop_signal: SIGKILL}
services:
  web: {<<: *all, container_name: web$$, networks: [front], ports: ["$port:80"]}
  api: {<<: *all, container_name: api$$, networks: [front, back]}
  db: {<<: *all, container_name: db$$, networks: [back]}
  one: {<<: *all, container_name: one$$, networks: [apart]}
  two: {<<: *all, container_name: two$$, networks: [apart]}
networks:
  front:
  back: {internal: true}
  apart: {driver_opts: {com.docker.network.bridge.enable_icc: "false"}}
Y
"$DEVC" up -d
"$DEVC" network graph --format json >graph.json
python3 -c '
import json, sys
for edge in json.load(open("graph.json"))["edges"]: print(edge["kind"], edge["from"], edge["to"])' | sort -u >said
eq "$(grep -c ^neighbour said)" 4 "web and api, api and db, both ways"
address() { "$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$1"; }
connects() { "$DEVC" container exec "$1" nc -w 1 "$2" "$3" </dev/null >/dev/null 2>&1; }
for from in web api db one two; do
  for to in web api db one two; do
    [ $from != $to ] || continue
    for ip in $(address $to$$); do if connects $from$$ "$ip" 80; then echo "neighbour $from$$ $to$$"; break; fi; done
  done
  if "$DEVC" container exec $from$$ ping -c 1 -W 1 203.0.113.2 >/dev/null; then echo "way-out $from$$ anywhere"; fi
done >seen
there python3 -c "import socket; socket.create_connection(('203.0.113.1', $port), 3)" && echo "published anywhere web$$" >>seen
sort -u seen | diff said - || die "the graph says what is not so"
