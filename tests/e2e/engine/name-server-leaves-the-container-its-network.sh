# The name server at 127.0.0.11:53 takes nothing from a container: a program may have port 53 on all other addresses, the kernel
# tracks none of its connections, and rules of its own that do track them let questions and answers through, by UDP and by TCP.
. "$TOP/tests/e2e/machine.sh"
trap '"$DEVC" container rm -f asks$$ serves$$; "$DEVC" network rm net$$; remove_neighbour' EXIT
"$DEVC" network create net$$
"$DEVC" container run -d --network net$$ --name asks$$ busybox sleep 1000
"$DEVC" container run -d --network net$$ --name serves$$ busybox sh -c 'mkdir /w && echo page > /w/index.html && httpd -f -p 53 -h /w'
space=$(network_of asks$$)
inside() { nsenter --net="$space" "$@"; }
cat > ask.py <<'Y2'
import socket, struct, sys
name, by_tcp = sys.argv[1], sys.argv[2] == "tcp"
query = struct.pack("!6H", 77, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0" + struct.pack("!2H", 1, 1)
with socket.socket(socket.AF_INET, socket.SOCK_STREAM if by_tcp else socket.SOCK_DGRAM) as s:
    s.settimeout(5)
    s.connect(("127.0.0.11", 53))
    s.send((struct.pack("!H", len(query)) if by_tcp else b"") + query)
    answer = s.recv(4096)[2 if by_tcp else 0:]
    while len(answer) < 12:  # the length may come alone
        answer += s.recv(4096)
    assert answer[:2] == query[:2], answer
    print(socket.inet_ntoa(answer[-4:]))
Y2
address=$("$DEVC" container inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' serves$$)
asks_for() { [ "$(inside python3 ask.py serves$$ "$1")" = "$address" ] || die "no answer by $1 $2"; }

asks_for udp "at first"
asks_for tcp "at first"
"$DEVC" container exec asks$$ wget -qO- "http://serves$$:53/" | grep -q page || die "port 53 of a container is out of reach"
[ "$(inside cat /proc/sys/net/netfilter/nf_conntrack_count)" = 0 ] || die "connections are tracked in the container"

inside nft -f - <<'RULES'
table inet own {
  chain in { type filter hook input priority 0; policy drop; ct state established,related accept; iifname lo ct state new accept; }
  chain out { type filter hook output priority 0; policy drop; ct state invalid drop; ct state new,established,related accept; }
}
RULES
asks_for udp "with tracking"
asks_for tcp "with tracking"
[ "$(inside cat /proc/sys/net/netfilter/nf_conntrack_count)" -gt 0 ] || die "the rules do not track"
inside python3 - <<'Y3'
import socket
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("0.0.0.0", 53))
Y3
