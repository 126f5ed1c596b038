# A service with a provider is had from that program: called with the project, the options and the name; what it sets is a
# variable of those that depend on it; what goes wrong in it fails the command, and down tells it of the end.
. "$TOP/tests/e2e/lib.sh"
mkdir bin; export PATH=$PWD/bin:$PATH
cat >bin/cloud <<'S'
#!/bin/sh
echo "$@" >>"$CALLS"
case "$*" in *--fail=error*) echo '{"type": "error", "message": "no room left"}'; exit 1 ;; *--fail=status*) exit 3 ;; *--fail=noise*) echo nonsense ;; esac
echo '{"type": "debug", "message": "thinking"}'
echo '{"type": "info", "message": "pulling"}'
echo "{\"type\": \"setenv\", \"message\": \"URL=https://x/${VALUE-1}\"}"
echo '{"type": "setenv", "message": "TOKEN=a=b"}'
S
chmod +x bin/cloud; export CALLS=$PWD/calls
cat >compose.yaml <<'Y'
services:
  database: {provider: {type: cloud, options: {size: "256", tag: [a, b]}}}
  app:
    image: busybox
    command: sh -c 'echo "$$DATABASE_URL $$DATABASE_TOKEN"; sleep 100'
    init: true
    depends_on: [database]
  other: {image: busybox, command: sleep 100, init: true}
Y
said=$("$DEVC" --progress plain up -d 2>&1)
eq "$(cat calls)" "compose --project-name=$COMPOSE_PROJECT_NAME up --size=256 --tag=a --tag=b database" "how it is called"
has "$said" "pulling" "what it says"
until_ok 5 sh -c "\"$DEVC\" logs app | grep -q https"
has "$("$DEVC" logs --no-log-prefix app)" "https://x/1 a=b" "what it sets"
eq "$("$DEVC" exec -T other env | grep -c DATABASE || true)" 0 "others do not get it"
eq "$("$DEVC" ps -aq | wc -l)" 2 "it has no container"
id=$("$DEVC" ps -q app); "$DEVC" up -d; eq "$("$DEVC" ps -q app)" "$id" "the same variables keep the container"
VALUE=2 "$DEVC" up -d; [ "$("$DEVC" ps -q app)" != "$id" ] || die "other variables make it anew"
"$DEVC" down; eq "$(tail -n 1 calls)" "compose --project-name=$COMPOSE_PROJECT_NAME down --size=256 --tag=a --tag=b database" "the end"
for kind in "error|no room left" "status|ended with status 3" "noise|invalid response from the provider cloud: nonsense"; do
  printf 'services: {d: {provider: {type: cloud, options: {fail: %s}}}, a: {image: busybox, depends_on: [d]}}\n' "${kind%%|*}" >fail.yaml
  if "$DEVC" -f fail.yaml up -d >out.log 2>&1; then die "$kind must fail"; fi
  has "$(cat out.log)" "${kind##*|}" "the error"
  eq "$("$DEVC" -f fail.yaml ps -aq | wc -l)" 0 "nothing was made"
done
printf 'services: {d: {provider: {type: nobody-%s}}}\n' $$ >fail.yaml
if "$DEVC" -f fail.yaml up -d >out.log 2>&1; then die "a missing program must fail"; fi
has "$(cat out.log)" "there is no program for the provider nobody-" "the error"
