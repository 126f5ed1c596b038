# Two projects with networks of the same names, over IPv4 and IPv6: nobody reaches the other's containers, by name or by
# address, and everybody reaches his own at the addresses that were asked for.
. "$TOP/tests/e2e/machine.sh"
project() { local which=$1; shift; "$DEVC" -p $which$$ -f $which.yaml "$@"; }
trap 'project a down -t 0; project b down -t 0; remove_neighbour' EXIT
for which in a b; do
  [ $which = a ] && part=71 || part=72
  cat >$which.yaml <<Y
services:
  web:
    image: busybox
    container_name: $which-web$$
    command: httpd -f -p 80
    stop_signal: SIGKILL
    networks: {inner: {ipv4_address: 10.$part.0.10, ipv6_address: "fd00:$part::10"}, closed: }
  asks: {image: busybox, container_name: $which-asks$$, command: sleep 1000, stop_signal: SIGKILL, networks: [inner, closed]}
networks:
  inner: {enable_ipv6: true, ipam: {config: [{subnet: 10.$part.0.0/24}, {subnet: "fd00:$part::/64"}]}}
  closed: {internal: true}
Y
  project $which up -d
done
reaches() { "$DEVC" container exec "$1"-asks$$ nc -w 2 "$2" 80 </dev/null >/dev/null 2>&1; }
closed() { "$DEVC" container inspect -f "{{(index .NetworkSettings.Networks \"$1$$_closed\").IPAddress}}" "$1"-web$$; }
for which in a b; do
  [ $which = a ] && { own=71; other=b; others=72; } || { own=72; other=a; others=71; }
  for address in web 10.$own.0.10 fd00:$own::10 "$(closed $which)"; do reaches $which "$address" || die "$which does not reach its own $address"; done
  for address in $other-web$$ 10.$others.0.10 fd00:$others::10 "$(closed $other)"; do if reaches $which "$address"; then die "$which reaches $address of the other"; fi; done
done
# Nor does another host, although it knows the way.
there ip route add 10.71.0.0/16 via 203.0.113.1; there ip -6 route add fd00:71::/64 via 2001:db8::1
for address in 10.71.0.10 fd00:71::10; do
  if there python3 -c "import socket; socket.create_connection(('$address', 80), 2)" 2>/dev/null; then die "another host reaches $address"; fi
done
