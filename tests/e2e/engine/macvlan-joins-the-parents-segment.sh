# A container on a macvlan is a host of its parent's segment: reached there at its own address, with its own hardware
# address, by neighbours and by other containers of the network; and it reaches them.
. "$TOP/tests/e2e/machine.sh"
finish() { "$DEVC" container rm -f came$$ >/dev/null; "$DEVC" down -t 0; remove_neighbour; }
trap finish EXIT
cat >compose.yaml <<Y
services:
  web:
    image: busybox
    container_name: web$$
    command: httpd -f -p 80
    stop_signal: SIGKILL
    networks: {lan: {ipv4_address: 203.0.113.50, ipv6_address: "2001:db8::50", mac_address: "02:42:cb:00:71:32"}, inner: }
  asks: {image: busybox, container_name: asks$$, command: sleep 1000, stop_signal: SIGKILL, networks: [lan]}
networks:
  lan:
    driver: macvlan
    enable_ipv6: true
    driver_opts: {parent: eth9}
    ipam: {config: [{subnet: 203.0.113.0/24, gateway: 203.0.113.2, ip_range: 203.0.113.128/28}, {subnet: "2001:db8::/64", gateway: "2001:db8::2"}]}
  inner: {internal: true}
Y
"$DEVC" up -d
reached() { there python3 -c "import socket; socket.create_connection(('$1', 80), 3)"; }
reached 203.0.113.50 || die "the neighbour does not reach the container"
until_ok 5 reached 2001:db8::50
has "$(there ip neigh show 203.0.113.50)" "02:42:cb:00:71:32" "its own hardware address"
address=$("$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' asks$$)
case $address in 203.0.113.12[89] | 203.0.113.13*) ;; *) die "$address is not in the range" ;; esac
"$DEVC" container exec asks$$ ping -c 1 -W 2 203.0.113.2 >/dev/null || die "the container does not reach the neighbour"
"$DEVC" container exec asks$$ nc -w 2 web 80 </dev/null || die "containers of the network do not reach each other by name"
has "$("$DEVC" container exec asks$$ ip route)" "default via 203.0.113.2" "the gateway"

# Joined and left while it runs, and made by hand.
"$DEVC" container run -d --name came$$ busybox sleep 1000 >/dev/null
"$DEVC" network connect --ip 203.0.113.60 "${COMPOSE_PROJECT_NAME}_lan" came$$
there busybox ping -c 1 -W 2 203.0.113.60 >/dev/null || die "a container that was connected is not reached"
"$DEVC" network disconnect "${COMPOSE_PROJECT_NAME}_lan" came$$
if there busybox ping -c 1 -W 1 203.0.113.60 >/dev/null; then die "a container that was disconnected is reached"; fi
fails "$DEVC" network create -d macvlan wrong$$
has "$(cat out.log)" "parent" "without a parent"
fails "$DEVC" network create -d macvlan -o parent=eth77 wrong$$
has "$(cat out.log)" "no network interface eth77" "with a parent that is not there"
fails "$DEVC" network create -d macvlan -o parent=eth9 -o macvlan_mode=odd wrong$$
has "$(cat out.log)" "odd" "with a mode that there is not"
ip link show eth9 >/dev/null || die "the parent is gone"
