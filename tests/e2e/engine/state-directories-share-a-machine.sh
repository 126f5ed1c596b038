# Engines with state directories of their own work on one machine without disturbing each other's traffic: none takes the
# subnet of another, not even of one whose bridge is not up, nobody's connections stop while others come and go, and none takes
# another's rules and bridges for its own, not even one whose state directory has the same path in other mounts.
. "$TOP/tests/e2e/machine.sh"
other() { DEVC_STATE_DIR=$PWD/other-state DEVC_RUN_DIR=$PWD/other-run "$DEVC" "$@"; }
finish() { "$DEVC" container rm -f a$$ came$$ 2>/dev/null; other container rm -f b$$; other down -t 0; remove_neighbour; } >/dev/null
trap finish EXIT
other image import -c 'CMD ["sh"]' - busybox:latest <"$BUSYBOX_TAR" >/dev/null
pings() { "$1" container exec "$2" ping -c 1 -W 2 203.0.113.2 >out.log || die "$2 does not reach the neighbour: $(cat out.log)"; }

# The default networks: of the one that is down, the other has taken the subnet meanwhile.
"$DEVC" container run --rm busybox true
other container run -d --name b$$ busybox sleep 1000 >/dev/null
"$DEVC" container run -d --name a$$ busybox sleep 1000 >/dev/null
pings other b$$; pings "$DEVC" a$$
a=$("$DEVC" container inspect -f '{{.NetworkSettings.Gateway}}' a$$)
b=$(other container inspect -f '{{.NetworkSettings.Gateway}}' b$$)
[ "$a" != "$b" ] || die "both default networks have the gateway $a"

# Networks that are made at the same moment.
for n in 1 2 3 4 5 6; do
  "$DEVC" network create mine$$-$n >/dev/null & other network create theirs$$-$n >/dev/null & wait
done
ip -br -4 addr show type bridge | awk '{ print $3 }' >subnets
eq "$(wc -l <subnets)" 14 "bridges with a subnet"
eq "$(sort -u subnets | wc -l)" "$(wc -l <subnets)" "different subnets: $(cat subnets)"
for n in 1 2 3 4 5 6; do "$DEVC" network rm mine$$-$n; other network rm theirs$$-$n; done >/dev/null

# A project of the same name in a state directory of the same path.
cat >compose.yaml <<'Y'
services:
  web: {image: busybox, command: sh -c "echo page > index.html; exec httpd -f -p 80", stop_signal: SIGKILL, ports: ["${PORT}:80"]}
Y
PORT=8101 other -p same up -d
answers() { until_ok 5 there wget -qO- http://203.0.113.1:8101/; }
answers
PORT=8102 unshare -m sh -euc '
  mount -t tmpfs -o mode=700 tmpfs other-state; mount -t tmpfs -o mode=700 tmpfs other-run
  export DEVC_STATE_DIR=$PWD/other-state DEVC_RUN_DIR=$PWD/other-run
  "$DEVC" image import -c "CMD [\"sh\"]" -c "ENV PATH=/bin:/usr/bin" - busybox:latest <"$BUSYBOX_TAR" >/dev/null
  "$DEVC" -p same up -d; "$DEVC" -p same down -t 0; "$DEVC" system check --fix'
answers || die "another devc has taken the rules or the bridge"
PORT=8101 other -p same down -t 0

# A stream of packets goes on while networks and containers come and go, in the same network too.
"$DEVC" container exec a$$ ping -q -i 0.05 -c 200 -W 2 203.0.113.2 >pings & pinging=$!
cat >compose.yaml <<'Y'
services:
  one: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, ports: ["80"], networks: [x, y]}
networks: {x: , y: {internal: true}}
Y
while kill -0 $pinging 2>/dev/null; do
  other up -d; "$DEVC" container run --rm --name came$$ busybox true; other down -t 0
done
wait $pinging || die "the stream broke: $(cat pings)"
has "$(cat pings)" "200 packets received" "the stream"
