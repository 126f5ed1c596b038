# Escape sequences in names, labels, logs and errors do not reach the terminal in tables, prefixes and messages.
. "$TOP/tests/security/lib.sh"
esc=$(printf '\033')
cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: ["sh", "-c", "sleep 100", "\e]0;title\a", "\e[2J"]
    init: true
    labels: {evil: "\e[31mred\e]8;;http://x\a", "k\ey": v}
    healthcheck: {test: ["CMD-SHELL", "printf '\\033[2Jsick'; exit 1"], interval: 0.2s, retries: 1}
    post_start: [{command: ["printf", "\\033]0;hooked\\007\\n"]}]
Y
clean() { case "$2" in *"$esc"*) die "$1: $(printf '%s' "$2" | cat -v | head -c 300)" ;; esac; }
clean "up" "$("$DEVC" --progress plain --ansi never up -d 2>&1)"
until_ok 10 sh -c "\"$DEVC\" ps | grep -q unhealthy"
for how in "ps -a" "ps --no-trunc" "ps --format json" "ls" "images" "top" "container ls --no-trunc" "events --since 1m --until 0s --json" "volumes" "container inspect $("$DEVC" ps -q web)" "port web"; do
  clean "$how" "$("$DEVC" $how 2>&1)"
done
clean "wrong service" "$("$DEVC" stop "$(printf 'a\033[2Jb')" 2>&1)"
clean "wrong flag" "$("$DEVC" "$(printf -- '--\033[2J')" 2>&1)"
clean "wrong file" "$("$DEVC" -f "$(printf 'f\033[2J.yaml')" ps 2>&1)"
printf 'services: {"a\\e[2Jb": {image: x}}\n' >bad.yaml
clean "bad key" "$("$DEVC" -f bad.yaml config -q 2>&1)"
printf 'FROM busybox\nUNKNOWN \033[2J\n' >Dockerfile
clean "wrong instruction" "$("$DEVC" image build --progress plain . 2>&1)"
printf 'FROM busybox\nMAINTAINER a\033[2J\nENV a b\033[2J\nRUN : \033[2J\nRUN printf "\\033]0;built\\007"; printf "\\033[2J\\033[31mred\\n"; exit 1\n' >Dockerfile
colored=$("$DEVC" image build --progress plain . 2>&1) && die "it must fail" || true
has "$colored" "$esc[31mred$esc[0m" "colors of a step's output"
clean "build" "$(printf %s "$colored" | sed "s/$esc\[[0-9;]*m//g")"
clean "build --check" "$("$DEVC" image build --check . 2>&1)"
printf 'FROM busybox\nRUN touch "$(printf "/a\\033[2J")"\n' >Dockerfile
"$DEVC" image build -q -t escapes$$ . >/dev/null 2>&1
clean "image diff" "$("$DEVC" image diff busybox escapes$$ 2>&1)"
clean "image tree" "$("$DEVC" image tree escapes$$ 2>&1)"
clean "history" "$("$DEVC" image history --no-trunc escapes$$ 2>&1)"
"$DEVC" container create --name escapes$$ --label "$(printf 'k\033[2J=v\033[2J')" escapes$$ true >/dev/null
clean "system events" "$("$DEVC" system events --since 1m --until 0s 2>&1)"
"$DEVC" container rm escapes$$ >/dev/null; "$DEVC" image rm escapes$$ >/dev/null
printf 'services: {web: {image: "busybox", environment: {A: "${B\e[2J}"}, labels: {"a\e[2J": b}, "x\e[2J": 1}}\n' >odd.yaml
for how in "config -q" "plan" "create" "ps"; do clean "$how" "$("$DEVC" -f odd.yaml -p odd$$ $how 2>&1)"; done
"$DEVC" down -t 0
