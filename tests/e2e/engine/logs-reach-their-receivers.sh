# The logging drivers syslog, journald, gelf and fluentd: what a receiver gets, what `logs` still shows, what happens where
# the receiver is not there, goes and comes back, or does not read. Receivers are sockets of this script.
. "$TOP/tests/e2e/lib.sh"
cat >receive.py <<'P'
"""receive.py KIND ADDRESS FILE: writes what comes, a line of JSON each; the first line when it listens. With KIND "deaf" it
takes connections and does not read."""
import gzip, json, os, socket, sys, threading
kind, address, path = sys.argv[1:]
out = open(path, "a", buffering=1)
say = lambda thing: out.write(json.dumps(thing) + "\n")
unix = address.startswith("/")
where = address if unix else ("127.0.0.1", int(address))
stream = kind in ("lines", "msgpack", "zero", "deaf")
s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
if unix and os.path.exists(address): os.unlink(address)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(where)
if stream: s.listen()
say("ready")
def text(data): return data.decode(errors="replace")
def unpack(d, at):
    b = d[at]; at += 1
    def sized(n, at): return d[at:at + n], at + n
    if b < 0x80: return b, at
    if b & 0xf0 == 0x80 or b & 0xf0 == 0x90:
        items = []
        for _ in range((b & 15) * (2 if b & 0xf0 == 0x80 else 1)):
            item, at = unpack(d, at); items.append(item)
        return (dict(zip(items[::2], items[1::2])) if b & 0xf0 == 0x80 else items), at
    if b & 0xe0 == 0xa0: raw, at = sized(b & 31, at); return text(raw), at
    for code, width in ((0xd9, 1), (0xda, 2), (0xdb, 4)):
        if b == code:
            n = int.from_bytes(d[at:at + width], "big"); raw, at = sized(n, at + width); return text(raw), at
    for code, width in ((0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8)):
        if b == code or b == code + 4: return int.from_bytes(d[at:at + width], "big"), at + width
    raise ValueError(hex(b))
def serve(c):
    held = b""
    while True:
        data = c.recv(65536)
        if not data: return
        held += data
        if kind == "msgpack":
            while held:
                try: value, used = unpack(held, 0)
                except IndexError: break
                if used > len(held): break
                say(value); held = held[used:]
        else:
            end = b"\0" if kind == "zero" else b"\n"
            while end in held:
                one, held = held.split(end, 1)
                say(json.loads(one) if kind == "zero" else text(one))
kept = []
while True:
    if stream:
        c, _ = s.accept(); kept.append(c)
        if kind != "deaf": threading.Thread(target=serve, args=(c,), daemon=True).start()
        continue
    data = s.recv(262144)
    if kind == "gelf": say(json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data))
    else: say(text(data))
P
receivers=()
trap 'for one in "${receivers[@]}"; do kill "$one" 2>/dev/null || true; done' EXIT
receive() { # KIND ADDRESS FILE
  python3 receive.py "$@" & receivers+=($!)
  until_ok 10 test -s "$3"
}
receiver_ends() { kill "${receivers[-1]}"; wait "${receivers[-1]}" 2>/dev/null || true; unset 'receivers[-1]'; }
field() { python3 -c 'import json,sys
for line in open(sys.argv[1]):
    value = json.loads(line)
    if value != "ready": print(eval(sys.argv[2], {"m": value}))' "$1" "$2"; }
lines() { wc -l <"$1"; }
container() { "$DEVC" container run --network none "$@"; }
said='echo out; echo; echo err >&2; printf part'

port=$(free_port); receive datagrams "$port" udp
container --rm --name s1 --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:"$port" --log-opt tag='{{.Name}}/{{.ImageName}}' busybox sh -c "$said" >/dev/null 2>&1
until_ok 5 grep -q part udp
eq "$(field udp 'm[:4] + m[m.index(" s1/"):m.index("[")] + m[m.index("]"):].strip()' | sort)" "<27> s1/busybox]: err
<30> s1/busybox]: out
<30> s1/busybox]: part" "syslog by UDP"

receive lines "$PWD/log.sock" unix
container --name s2 --log-driver syslog --log-opt syslog-address=unix://"$PWD"/log.sock --log-opt syslog-format=rfc5424micro --log-opt syslog-facility=local3 busybox echo hello >/dev/null
until_ok 5 grep -q hello unix
field unix m | grep -qE '^<158>1 [0-9-]+T[0-9:]+\.[0-9]{6}(Z|[+-][0-9:]+) [^ ]+ [0-9a-f]{12} [0-9]+ [0-9a-f]{12} - hello$' || die "rfc5424micro: $(cat unix)"
eq "$("$DEVC" container logs s2)" hello "logs reads what was kept"
"$DEVC" container rm s2 >/dev/null
container --name s3 --log-driver syslog --log-opt syslog-address=unix://"$PWD"/log.sock --log-opt cache-disabled=true busybox echo unkept >/dev/null
until_ok 5 grep -q unkept unix
fails "$DEVC" container logs s3
has "$(cat out.log)" "does not support reading" "logs without a cache"
"$DEVC" container rm s3 >/dev/null

port=$(free_port); receive gelf "$port" gelf
container --rm --name g1 --label la=lb --label other=x -e EA=eb --log-driver gelf --log-opt gelf-address=udp://127.0.0.1:"$port" --log-opt labels=la,none --log-opt env-regex='^E' busybox sh -c "$said" >/dev/null 2>&1
until_ok 5 grep -q part gelf
eq "$(field gelf '" ".join([m["version"], m["short_message"], str(m["level"]), m["_container_name"], m["_image_name"], m["_la"], m["_EA"], str("_other" in m)])' | sort)" "1.1 err 3 g1 busybox lb eb False
1.1 out 6 g1 busybox lb eb False
1.1 part 6 g1 busybox lb eb False" "gelf by UDP"
port=$(free_port); receive zero "$port" gelftcp
container --rm --log-driver gelf --log-opt gelf-address=tcp://localhost:"$port" --log-opt tag=t busybox sh -c 'head -c 40000 /dev/zero | tr "\0" x; echo' >/dev/null
until_ok 5 test "$(lines gelftcp)" = 4
eq "$(field gelftcp 'm["_tag"] + str(len(m["short_message"]))')" "t16384
t16384
t7232" "a long line is cut"

port=$(free_port); receive msgpack "$port" fluentd
container --rm --name f1 --log-driver fluentd --log-opt fluentd-address=127.0.0.1:"$port" --log-opt tag=app.'{{.Name}}' busybox sh -c "$said" >/dev/null 2>&1
until_ok 5 grep -q part fluentd
eq "$(field fluentd '" ".join([m[0], m[2]["container_name"], m[2]["source"], repr(m[2]["log"]), m[2].get("partial_message", "-")])' | sort)" "app.f1 /f1 stderr 'err' -
app.f1 /f1 stdout '' -
app.f1 /f1 stdout 'out' -
app.f1 /f1 stdout 'part' true" "fluentd"

# Journald's socket has one place: the receiver and the container are where this script's /run/systemd is another.
cat >journal.sh <<'S'
mkdir -p /run/systemd; mount -t tmpfs none /run/systemd; mkdir /run/systemd/journal
python3 receive.py datagrams /run/systemd/journal/socket journal & receiver=$!
until [ -s journal ]; do sleep 0.1; done
"$DEVC" container run --rm --name j1 --network none --label la=lb --log-driver journald --log-opt labels=la busybox sh -c 'echo hello >&2' 2>/dev/null
for _ in $(seq 50); do grep -q hello journal && break; sleep 0.1; done
kill $receiver
S
unshare -m --propagation private bash journal.sh
for line in 'PRIORITY=3' 'MESSAGE=hello' 'CONTAINER_NAME=j1' 'IMAGE_NAME=busybox' 'LA=lb'; do has "$(field journal m)" "$line" "journald"; done

# A compose file says it too, and the driver's options are checked before anything is made.
port=$(free_port); receive lines "$port" compose
cat >compose.yaml <<Y
services:
  web:
    image: busybox
    command: sh -c 'echo from compose; sleep 100'
    init: true
    logging: {driver: syslog, options: {syslog-address: "tcp://localhost:$port", tag: "{{.Name}}"}}
Y
"$DEVC" up -d
until_ok 5 grep -q "web-1.*from compose" compose
has "$("$DEVC" logs web)" "from compose" "logs of a service"
"$DEVC" down
before=$("$DEVC" container ls -aq | wc -l)
refused() { # SENTENCE OPTION...
  local sentence=$1; shift
  fails container "$@" busybox true
  has "$(cat out.log)" "$sentence" "$*"
  eq "$("$DEVC" container ls -aq | wc -l)" "$before" "nothing was made"
}
refused "unknown log opt 'bogus' for json-file log driver" --log-opt bogus=1
refused 'plugin "nope" not found' --log-driver nope
refused "gelf-address is a required parameter" --log-driver gelf
refused "does not encrypt" --log-driver syslog --log-opt syslog-address=tcp+tls://h:1
refused "unclosed action" --log-driver syslog --log-opt tag='{{.ID'
refused "error parsing regexp" --log-opt labels-regex='['

# A receiver that is not there is an error at the start, unless the driver is told not to wait for it.
port=$(free_port)
status=0; container --name r1 --log-driver fluentd --log-opt fluentd-address=127.0.0.1:"$port" busybox true >out.log 2>&1 || status=$?
eq $status 125 "status of a start without its receiver"
has "$(cat out.log)" "failed to initialize logging driver: dial tcp 127.0.0.1:$port: Connection refused" "what is said"
"$DEVC" container rm r1 >/dev/null
container -d --name r2 --log-driver fluentd --log-opt fluentd-address=127.0.0.1:"$port" --log-opt fluentd-async=true --log-opt fluentd-retry-wait=200ms busybox sh -c 'echo early; sleep 100' >/dev/null
receive msgpack "$port" late
until_ok 10 grep -q early late
"$DEVC" container rm -f r2 >/dev/null

# One that goes and comes back gets what was said meanwhile.
port=$(free_port); receive lines "$port" first
mkfifo say; chmod 666 say
container -d --name r3 -v "$PWD/say:/say" --log-driver syslog --log-opt syslog-address=tcp://127.0.0.1:"$port" busybox sh -c 'echo one; while read line </say; do echo "$line"; done' >/dev/null
until_ok 5 grep -q one first
receiver_ends
sleep 0.3; echo two >say
receive lines "$port" second
until_ok 10 grep -q two second
echo three >say; until_ok 5 grep -q three second
eq "$("$DEVC" container logs r3)" "one
two
three" "logs has all of it"
"$DEVC" container rm -f r3 >/dev/null

# One that does not read holds the container back, or not in non-blocking mode; either way a stop ends it in time.
port=$(free_port); receive deaf "$port" deaf
deaf() { container -d --log-driver fluentd --log-opt fluentd-address=127.0.0.1:"$port" --stop-timeout 1 -v "$PWD:/here" "$@" busybox sh -c 'trap exit TERM; yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -n 400000; touch /here/$0; sleep 100 & wait' "$name" >/dev/null; }
name=freely deaf --name d2 --log-opt mode=non-blocking --log-opt max-buffer-size=64k
name=held deaf --name d1
until_ok 60 test -e freely
test ! -e held || die "a receiver that does not read must hold the container back"
monitor=$(pgrep -f "devc-monitor run $DEVC_STATE_DIR/containers/$("$DEVC" container inspect -f '{{.Id}}' d2)")
resident=$(awk '/VmRSS/ {print $2}' "/proc/$monitor/status")
[ "$resident" -lt 12000 ] || [ -n "${WATCHED:-}" ] || die "the monitor holds $resident KiB"
started=$SECONDS; "$DEVC" container rm -f d1 d2 >/dev/null
[ $((SECONDS - started)) -lt 15 ] || die "a deaf receiver must not keep containers"
