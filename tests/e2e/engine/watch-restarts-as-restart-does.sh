# A restart by watch runs hooks, takes dependents with `restart: true` along and brings back what has ended.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0' EXIT
started() { "$DEVC" container inspect --format '{{.State.StartedAt}}' "$COMPOSE_PROJECT_NAME-$1-1"; }
echo 1 >conf; mkdir out
cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: sh -c 'test ! -e /out/end || exit 3; trap exit TERM; while :; do sleep 0.1; done'
    volumes: [./out:/out]
    post_start: [{command: sh -c 'echo started >>/out/log'}]
    pre_stop: [{command: sh -c 'echo stopping >>/out/log'}]
    develop: {watch: [{action: sync+restart, path: ./conf, target: /etc/conf}]}
  with: {image: busybox, command: sleep 100, stop_signal: SIGKILL, depends_on: {web: {condition: service_started, restart: true}}}
  without: {image: busybox, command: sleep 100, stop_signal: SIGKILL, depends_on: [web]}
Y
"$DEVC" up -d
web=$(started web) with=$(started with) without=$(started without)
COMPOSE_PROGRESS=plain "$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
echo 2 >conf
until_ok 10 grep -q "service \"web\" restarted" watch.log
eq "$(xargs <out/log)" "started stopping started" hooks
[ "$(started web)" != "$web" ] || die "the service was not restarted"
[ "$(started with)" != "$with" ] || die "the dependent was not restarted"
eq "$(started without)" "$without" "a dependent without restart: true"
has "$(cat watch.log)" "with-1 Started" "what is shown"

touch out/end; "$DEVC" restart --no-deps web 2>/dev/null || true
until_ok 10 sh -c '"$DEVC" ps -a --format "{{.State}}" web | grep exited'
rm out/end; echo 3 >conf
until_ok 10 sh -c '"$DEVC" ps --format "{{.State}}" web | grep running'
