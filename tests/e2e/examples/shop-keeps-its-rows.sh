# examples/shop: nginx, Python, PostgreSQL and Redis from apt-get; rows outlive `down`, the counter counts.
. "$TOP/tests/e2e/lib.sh"
"$DEVC" image inspect debian:bookworm >/dev/null 2>&1 || "$TOP/examples/images/debian"
cp -r "$TOP/examples/shop" . && cd shop
export SHOP_PORT; SHOP_PORT=$(free_port)
trap '[ $? = 0 ] || "$DEVC" logs --tail 20; "$DEVC" down -v -t 0' EXIT
url=http://127.0.0.1:$SHOP_PORT
field() { python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }
"$DEVC" up -d --build
until_ok 20 curl -sf "$url/health"
first=$(curl -sf "$url/" | field "['visits']")
second=$(curl -sf "$url/" | field "['visits']")
eq "$second" $((first + 1)) "visits are counted in Redis"
curl -sf -X POST "$url/orders/tea" >/dev/null || die "order"
curl -sf -X POST "$url/orders/cake" >/dev/null || die "order"
eq "$(curl -sf "$url/" | field "['orders'][1]['item']")" cake "rows in PostgreSQL"
replicas=$(for i in $(seq 12); do curl -sf "$url/" | field "['replica']"; sleep 0.3; done | sort -u | wc -l)
eq "$("$DEVC" ps -q app | wc -l)" 2 "replicas of app"
[ "$replicas" -ge 1 ] || die "no replica answered"
"$DEVC" exec -T db sh -c 'test "$(cat /run/secrets/db_password)" = correct-horse-battery' || die "secret"
fails "$DEVC" exec -T web sh -c 'getent hosts db'
"$DEVC" down
"$DEVC" up -d
until_ok 20 curl -sf "$url/health"
eq "$(curl -sf "$url/" | field "['orders'][0]['item']")" tea "rows after down and up"
