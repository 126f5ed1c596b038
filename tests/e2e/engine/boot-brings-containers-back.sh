# After a crash of the machine (monitors killed, the run directory and interfaces gone) `system boot` starts what a restart
# policy brings back, in the order of dependencies, with its network and ports; and nothing else.
. "$TOP/tests/e2e/lib.sh"
port=$(free_port)
cat >compose.yaml <<Y
services:
  web: {image: busybox, command: httpd -f -p 80 -h /etc, restart: always, ports: ["127.0.0.1:$port:80"], depends_on: [db]}
  db: {image: busybox, command: sleep 1000, init: true, restart: unless-stopped}
  stopped: {image: busybox, command: sleep 1000, init: true, restart: unless-stopped}
  again: {image: busybox, command: sleep 1000, init: true, restart: always}
  once: {image: busybox, command: sleep 1000, init: true}
  never: {image: busybox, command: sleep 1000, init: true, restart: always, profiles: [no]}
Y
run=$DEVC_RUN_DIR; export DEVC_RUN_DIR=$PWD/run
trap '"$DEVC" --profile "*" down -v -t 0 >/dev/null 2>&1; DEVC_RUN_DIR=$run' EXIT
"$DEVC" up -d
"$DEVC" create never 2>/dev/null || true
"$DEVC" stop stopped again
bridge=$("$DEVC" container inspect -f '{{.State.Pid}}' "$("$DEVC" ps -q db)")
for id in $("$DEVC" ps -q); do
  pid=$("$DEVC" container inspect -f '{{.State.Pid}}' "$id"); monitor=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
  kill -9 "$monitor"; kill -9 "$pid" 2>/dev/null || true
done
until_ok 5 sh -c "! kill -0 $bridge 2>/dev/null"
rm -rf run
"$DEVC" --progress plain system boot 2>boot.log || die "boot: $(cat boot.log)"
eq "$("$DEVC" ps --services | sort | paste -sd' ')" "again db web" "what runs"
until_ok 5 "$DEVC" exec -T web wget -q -O /dev/null http://127.0.0.1:80/hosts
python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/hosts', timeout=5)" || die "the published port"
"$DEVC" exec -T web nslookup db >/dev/null || "$DEVC" exec -T web ping -c 1 db >/dev/null || die "names"
awk '/Starting/ && /-db-/ { db = NR } /Starting/ && /-web-/ { web = NR } END { exit !(db < web) }' boot.log || die "order: $(cat boot.log)"
"$DEVC" --progress plain system boot 2>boot.log; eq "$(cat boot.log)" "" "what runs already is left alone"
"$DEVC" --profile '*' down -t 0; export DEVC_RUN_DIR=$run
