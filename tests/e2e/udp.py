"""UDP for the scripts about networks.

  udp.py serve PORT NAME            answers each datagram with NAME and the address that it came from; IPv4 and IPv6
  udp.py ask HOST PORT [SOURCE]     prints one answer; from the source port if one is given. Status 1: none within 2 s
"""
import socket
import sys


def serve(port, name):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", port))
    while True:
        _, peer = server.recvfrom(2000)
        server.sendto(f"{name} {peer[0].removeprefix('::ffff:')}\n".encode(), peer)


def ask(host, port, source):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    client = socket.socket(family, socket.SOCK_DGRAM)
    client.bind(("", source))
    client.settimeout(2)
    client.sendto(b"?", (host, port))
    try:
        print(client.recv(2000).decode(), end="")
    except OSError as error:
        sys.exit(f"no answer: {error}")


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]), sys.argv[3])
else:
    ask(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 0)
