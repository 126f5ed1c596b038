# On a network whose containers are kept apart a link opens the exposed ports of the linked service, one way, and nothing else.
. "$TOP/tests/e2e/machine.sh"
trap '"$DEVC" down -t 0; remove_neighbour' EXIT
# Where bridges are not filtered: the way does not depend on that.
sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null || true
cat >compose.yaml <<Y
x-all: &all {image: busybox, stop_signal: SIGKILL, networks: [apart], command: [sh, -c, "httpd -p 80; httpd -p 81; exec sleep 1000"]}
services:
  web: {<<: *all, links: ["db:data"], expose: ["80", "81"]}
  db: {<<: *all, expose: ["80", "9000-9002/udp"]}
  stranger: {<<: *all, expose: ["80", "81"]}
networks:
  apart: {enable_ipv6: true, driver_opts: {com.docker.network.bridge.enable_icc: "false"}}
Y
"$DEVC" up -d
name() { echo "$COMPOSE_PROJECT_NAME-$1"; }
four() { "$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(name "$1")"; }
six() { "$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}' "$(name "$1")"; }
connects() { "$DEVC" container exec "$(name "$1")" nc -w 1 "$2" "$3" </dev/null >/dev/null 2>&1; }
pings() { "$DEVC" container exec "$(name "$1")" ping -c 1 -W 1 "$2" >/dev/null 2>&1; }
in_ns() { local of=$1; shift; nsenter --net="$(network_of "$(name "$of")")" "$@"; }
try() { if "${@:2}"; then echo "$1" >>seen; fi; }
only_the_link() { # REPLICA: of all ways between the containers only those from web to port 80 of db
  local from to ip port tries=()
  : >seen
  for to in web-1 "$1" stranger-1; do until_ok 10 "$DEVC" container exec "$(name $to)" sh -c "nc -w 1 127.0.0.1 81 </dev/null"; done
  for from in web-1 "$1" stranger-1; do
    for to in web-1 "$1" stranger-1; do
      [ $from != $to ] || continue
      for ip in "$(four $to)" "$(six $to)"; do
        for port in 80 81; do try "$from $to $port" connects $from "$ip" $port & tries+=($!); done
        try "$from pings $to" pings $from "$ip" & tries+=($!)
      done
    done
  done
  wait "${tries[@]}"
  printf 'web-1 %s 80\nweb-1 %s 80\n' "$1" "$1" | diff - seen || die "other ways than those of the link, with $1"
}
only_the_link db-1
connects web-1 data 80 || die "the link's name leads there"
# The host sends redirects, now and then; who believed one would go straight to db-1, where the bridge lets nothing through.
eq "$(in_ns web-1 cat /proc/sys/net/ipv6/conf/eth0/accept_redirects)" 0 "redirects are heard"

said=$("$DEVC" network graph --format json)
eq "$(python3 -c '
import json, sys
for e in json.load(sys.stdin)["edges"]:
    if e["kind"] not in ("way-out",): print(e["kind"], e["from"].split("-", 1)[1], e["to"].split("-", 1)[1], e["port"])' <<<"$said" | sort)" \
  "linked web-1 db-1 80/tcp
linked web-1 db-1 9000-9002/udp" "the graph"

# UDP: within the range, and answers; not beside it.
in_ns db-1 timeout 30 python3 -c '
import select, socket
sockets = []
for port in 9002, 9003:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", port)); sockets.append(s)
print("bound", flush=True)
while True:
    for s in select.select(sockets, [], [])[0]: s.sendto(b"yes", s.recvfrom(64)[1])' >bound &
echoes=$!
until_ok 10 grep -q bound bound
answers() { in_ns "$1" python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1); s.connect((sys.argv[1], int(sys.argv[2]))); s.send(b"?"); s.recv(64)' "$(four db-1)" "$2" 2>/dev/null; }
answers web-1 9002 || die "UDP by the link"
if answers web-1 9003; then die "a port that is not exposed"; fi
if answers stranger-1 9002; then die "who is not linked"; fi
kill $echoes

# Who knows the other's hardware address does not pass the bridge: neither a stranger nor to other ports.
mac=$(in_ns db-1 cat /sys/class/net/eth0/address)
for from in stranger-1 web-1; do
  in_ns $from ip neigh replace "$(four db-1)" lladdr "$mac" dev eth0 nud permanent
  if connects $from "$(four db-1)" 81; then die "$from passes the bridge"; fi
  in_ns $from ip neigh del "$(four db-1)" dev eth0
done

"$DEVC" up -d --scale db=2
only_the_link db-2
only_the_link db-1
gone=$(four db-2)
"$DEVC" up -d --scale db=1
if nft list ruleset | grep -q "ip daddr $gone"; then die "a rule for a container that has gone"; fi
"$DEVC" stop db
if nft list ruleset | grep -q "dport 80"; then die "rules of a link whose containers have ended"; fi
"$DEVC" start db
only_the_link db-1

# Who has no link ends and starts: no way changes.
"$DEVC" stop stranger 2>said; eq "$(cat said)" "" "what is said of the end of one without a link"
"$DEVC" start stranger
only_the_link db-1
