# What is published is reached from another host, TCP and UDP, over IPv4 and IPv6, and the container sees who asks. A UDP
# flow that goes on finds the container that came in place of another.
. "$TOP/tests/e2e/machine.sh"
tcp=$(free_port); udp=$(free_port)
cat >compose.yaml <<Y
services:
  web: {image: busybox, container_name: web$$, command: nc -ll -p 80 -e netstat -tn, init: true, stop_signal: SIGKILL, ports: ["$tcp:80"], networks: [both]}
  dns: {image: busybox, container_name: dns$$, command: sleep 1000, stop_signal: SIGKILL, ports: ["$udp:53/udp"], networks: [both]}
networks: {both: {enable_ipv6: true}}
Y
"$DEVC" up -d
serving=
finish() { [ -z "$serving" ] || kill $serving; "$DEVC" container rm -f taken$$; "$DEVC" down -t 0; remove_neighbour; } >/dev/null 2>&1
trap finish EXIT
serve() {
  nsenter --net="$(network_of dns$$)" python3 "$TOP/tests/e2e/udp.py" serve 53 "$1" >server.log 2>&1 &
  serving="$serving $!"
  until_ok 5 sh -c "nsenter --net=$(network_of dns$$) ss -uln | grep -q :53"
}
asks() { there python3 "$TOP/tests/e2e/udp.py" ask "$@" || true; }
connects() { there python3 -c "import socket; s = socket.create_connection(('$1', $tcp), 3); print(s.makefile().read())"; }
serve first
has "$(connects 203.0.113.1)" "203.0.113.2:" "the source of a connection"
has "$(connects 2001:db8::1)" "2001:db8::2" "the source of a connection over IPv6"
eq "$(asks 203.0.113.1 $udp)" "first 203.0.113.2" "a datagram and its source"
eq "$(asks 2001:db8::1 $udp)" "first 2001:db8::2" "a datagram and its source over IPv6"
eq "$(udp ask 127.0.0.1 $udp | cut -d' ' -f1)" first "a datagram from the machine itself"

# The same flow, before, between and after: the container is made anew and gets another address.
eq "$(asks 203.0.113.1 $udp 7777)" "first 203.0.113.2" "the flow before"
"$DEVC" container rm -f dns$$ >/dev/null
"$DEVC" container run -d --name taken$$ --network "${COMPOSE_PROJECT_NAME}_both" busybox sleep 1000 >/dev/null
eq "$(asks 203.0.113.1 $udp 7777 2>/dev/null)" "" "the flow while nobody is there"
"$DEVC" up -d
serve second
eq "$(asks 203.0.113.1 $udp 7777)" "second 203.0.113.2" "the flow after"
