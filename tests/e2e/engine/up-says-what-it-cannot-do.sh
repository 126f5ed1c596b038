# `up` fails where nothing is to be started and where a restart policy is none; what no service uses is made with --all-resources.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" --all-resources down -v -t 0' EXIT
echo 'services: {a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, profiles: [dev]}}' > compose.yaml
fails "$DEVC" up -d; has "$(cat out.log)" "no service selected" "up without the profile"; has "$(cat out.log)" "--profile dev" "hint"
"$DEVC" --profile dev up -d
echo 'services: {a: {image: busybox, command: sleep 1000, restart: sometimes}}' > compose.yaml
fails "$DEVC" up -d; has "$(cat out.log)" "unknown policy 'sometimes'" "restart policy"
eq "$("$DEVC" ps -a --format '{{.State}}')" running "the container that was there"
echo 'services: {a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}}
networks: {spare: {}}' > compose.yaml
"$DEVC" up -d; fails "$DEVC" network inspect "${COMPOSE_PROJECT_NAME}_spare"
"$DEVC" --all-resources up -d; "$DEVC" network inspect "${COMPOSE_PROJECT_NAME}_spare" >/dev/null
