# `down SERVICE` takes the networks and, with -v, the volumes that the service and its dependencies use, unless others still do.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  web: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, networks: [front, back], volumes: ["cache:/cache"], depends_on: [db]}
  db: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, networks: [back], volumes: ["data:/data"]}
  other: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, networks: [apart], profiles: [more]}
networks: {front: {}, back: {}, apart: {}}
volumes: {cache: {}, data: {}}
Y
p=$COMPOSE_PROJECT_NAME
networks() { "$DEVC" network ls --format '{{.Name}}' | sed -n "s/^${p}_//p" | sort | tr '\n' ' '; }
volumes() { "$DEVC" volume ls -q | sed -n "s/^${p}_//p" | sort | tr '\n' ' '; }
"$DEVC" --profile more up -d
"$DEVC" --progress plain down web 2> said; has "$(cat said)" "Network ${p}_back Resource is still in use" "what another service uses"
eq "$(networks)" "apart back " "networks after down of web"; eq "$(volumes)" "cache data " "volumes without -v"
"$DEVC" up -d; eq "$(networks)" "apart back front " "networks after up"
"$DEVC" down -v web; eq "$(volumes)" "data " "volumes after down -v of web"
"$DEVC" down other; eq "$(networks)" "back " "networks after down of a service of another profile"
"$DEVC" down db; eq "$(networks)" "" "networks after the last service"; eq "$(volumes)" "data " "volumes"
fails "$DEVC" down nothing
# Without a file, labels say what there is.
"$DEVC" up -d
(cd / && "$DEVC" -p "$p" down -t 0 web db); eq "$(networks)" "" "networks after down without a file"
