# From a neighbour of the machine and from another project only what is published is reached, and only where it was
# published: not a port of 127.0.0.1, not a container's address, not by a forged destination.
. "$TOP/tests/security/lib.sh"
space=foreign$$
trap '"$DEVC" -p a$$ -f a.yaml down -t 0; "$DEVC" -p b$$ -f b.yaml down -t 0; ip netns del $space' EXIT
local_port=$(free_port); open_port=$(free_port)
cat >a.yaml <<Y
services:
  web:
    image: busybox
    command: sh -c 'httpd -p 81 -h /etc; httpd -f -p 80 -h /etc'
    ports: ["127.0.0.1:$local_port:80", "$open_port:80"]
Y
cat >b.yaml <<'Y'
services:
  probe: {image: busybox, command: sleep 1000, init: true, cap_add: [NET_ADMIN], volumes: [./probe:/probe:ro]}
Y
build_probe
"$DEVC" -p a$$ -f a.yaml up -d; "$DEVC" -p b$$ -f b.yaml up -d
ip netns add $space
ip link add fv$$ type veth peer name fp netns $space
ip addr add 10.222.33.1/24 dev fv$$; ip link set fv$$ up
ip -n $space addr add 10.222.33.2/24 dev fp; ip -n $space link set fp up; ip -n $space link set lo up
ip -n $space route add default via 10.222.33.1
from_outside() { ip netns exec $space ./probe reach "$1" "$2"; }
address=$("$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' a$$-web-1)
gateway=$("$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}' b$$-probe-1)
until_ok 5 sh -c "./probe reach 127.0.0.1 $local_port | grep -q reached"

eq "$(from_outside 10.222.33.1 $open_port)" reached "a port of all addresses, from a neighbour"
eq "$(from_outside 10.222.33.1 $local_port)" "out of reach" "a port of 127.0.0.1, from a neighbour"
eq "$(from_outside "$address" 81)" "out of reach" "a port that is not published, by the container's address"
ip netns exec $space sh -c 'ip addr del 127.0.0.1/8 dev lo; sysctl -qw net.ipv4.conf.all.route_localnet=1; ip route add 127.0.0.1/32 via 10.222.33.1 dev fp src 10.222.33.2 2>/dev/null' || true
eq "$(from_outside 127.0.0.1 $local_port)" "out of reach" "127.0.0.1 of the machine, by a route to it"

inside() { "$DEVC" -p b$$ -f b.yaml exec -T probe /probe reach "$1" "$2"; }
eq "$(inside "$address" 80)" "out of reach" "another project's container"
eq "$(inside "$address" 81)" "out of reach" "another project's container"
eq "$(inside "$gateway" $local_port)" "out of reach" "a port of 127.0.0.1, by the gateway's address"
eq "$(inside "$gateway" $open_port)" reached "a port of all addresses, by the gateway's address"
"$DEVC" -p b$$ -f b.yaml exec -T probe sh -c "ip addr add $address/32 dev eth0; ip route add ${address%.*}.0/24 dev eth0" 2>/dev/null || true
eq "$(./probe reach 127.0.0.1 $local_port)" reached "the first project, while the other claims its address"
