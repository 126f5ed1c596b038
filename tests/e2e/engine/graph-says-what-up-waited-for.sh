# `graph --timing`: the longest way of the last `up`, and what waited for what.
. "$TOP/tests/e2e/lib.sh"
cat >compose.yaml <<'Y'
services:
  db: {image: busybox, command: sh -c "sleep 1; touch /ready; sleep 1000", healthcheck: {test: test -e /ready, interval: 100ms, retries: 100}}
  web: {image: busybox, command: sleep 1000, depends_on: {db: {condition: service_healthy}}}
  beside: {image: busybox, command: sleep 1000}
Y
fails "$DEVC" graph --timing; has "$(cat out.log)" "no \`up\` of project" "before the first up"
"$DEVC" up -d
text=$("$DEVC" graph --timing)
has "$text" "db is healthy" "the step that web waited for"
way=$("$DEVC" graph --timing --format json | python3 -c '
import json, sys
timing = json.load(sys.stdin)
print(" / ".join(step["what"].replace("'$COMPOSE_PROJECT_NAME'-", "") for step in timing["criticalPath"] if step["service"]))
healthy = next(step for step in timing["criticalPath"] if step["what"] == "db is healthy")
assert 0.8 < healthy["seconds"] < 10, healthy
assert timing["seconds"] >= healthy["seconds"]
assert any("beside" in step["what"] for step in timing["steps"])')
has "$way" "container db-1 started / db is healthy / container web-1 started" "the longest way"

# An `up` that has nothing to do leaves what is known; one that changes something is the last one then.
"$DEVC" up -d; eq "$("$DEVC" graph --timing)" "$text" "after an up without changes"
"$DEVC" up -d --force-recreate --no-deps beside
has "$("$DEVC" graph --timing)" "beside-1 recreated" "the last up that changed something"
fails "$DEVC" graph --timing --format svg; has "$(cat out.log)" "--timing has no format svg" "formats"
"$DEVC" down -t 0
fails "$DEVC" graph --timing
