# For scripts about networks: sourced first, it starts the script anew in a network namespace of its own, the machine, so
# that what other tests and other programs do to the host's network does not count. The machine has a neighbour, the
# network namespace $neighbour: a host at 203.0.113.2 and 2001:db8::2 that reaches the machine at 203.0.113.1 and
# 2001:db8::1 over eth9, and is its way to everywhere.
if [ -z "${IN_MACHINE:-}" ]; then
  IN_MACHINE=1 exec unshare --net bash -euo pipefail "$0"
fi
. "$TOP/tests/e2e/lib.sh"
neighbour=neighbour$$
remove_neighbour() { ip netns del "$neighbour"; }
there() { ip netns exec "$neighbour" "$@"; }
ip link set lo up
ip netns add "$neighbour"
ip link add eth9 type veth peer name eth0 netns "$neighbour"
there ip link set lo up
ip addr add 203.0.113.1/24 dev eth9; ip addr add 2001:db8::1/64 dev eth9 nodad; ip link set eth9 up
there ip addr add 203.0.113.2/24 dev eth0; there ip addr add 2001:db8::2/64 dev eth0 nodad; there ip link set eth0 up
ip route add default via 203.0.113.2; ip -6 route add default via 2001:db8::2
network_of() { echo "/proc/$("$DEVC" container inspect -f '{{.State.Pid}}' "$1")/ns/net"; }  # of a container, for nsenter
udp() { python3 "$TOP/tests/e2e/udp.py" "$@"; }
