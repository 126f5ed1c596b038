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
printf 'FROM busybox\nRUN printf "\\033]0;built\\007"; exit 1\nUNKNOWN \033[2J\n' >Dockerfile
clean "build" "$("$DEVC" image build --progress plain . 2>&1)"
"$DEVC" down -t 0
