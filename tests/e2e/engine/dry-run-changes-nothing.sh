# --dry-run says what a command on a project would do, and nothing of it happens; other commands refuse it.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
Y
"$DEVC" up -d
state() { "$DEVC" ps -a --format '{{.ID}} {{.Status}}' | sed 's/Up .*/Up/'; "$DEVC" image ls --no-trunc -q; "$DEVC" exec -T a ls / /tmp; }
before=$(state)
export COMPOSE_PROGRESS=plain
echo text > file
says() { # WORDS COMMAND...: the command says WORDS after DRY-RUN MODE
  local words=$1; shift
  has "$("$DEVC" --dry-run "$@" 2>&1 </dev/null)" "DRY-RUN MODE -  $words" "$*"
}
one="Container $COMPOSE_PROJECT_NAME-a-1"
says "$one Copied" cp file a:/file
says "$one Exported" export -o out.tar a
says "$one Committed" commit a devc-test-dry:1
says "$one Executed" exec a touch /touched
says "Container $COMPOSE_PROJECT_NAME-a-run-" run a touch /touched
says "Container named Started" run --name named a true
says "$one Removed" rm -s -f
for command in stop kill restart pause down; do says "$one " $command; done
fails "$DEVC" --dry-run container rm -f "$COMPOSE_PROJECT_NAME-a-1"
has "$(cat out.log)" "--dry-run is for the commands on projects" "refusal"
[ ! -e out.tar ] || die "export wrote its file"
eq "$(state)" "$before" "what is there"
