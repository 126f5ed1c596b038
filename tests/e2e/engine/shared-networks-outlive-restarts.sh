# A container in another one's network is in it again when it is started again by its policy, though the other one was meanwhile.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f guest host >/dev/null 2>&1 || true; "$DEVC" network prune -f >/dev/null' EXIT
"$DEVC" network create net >/dev/null
start() { # NAME OPTION...: it runs until there is a file of its name
  "$DEVC" container run -d --name "$1" --restart always -v "$PWD:/own" "${@:2}" busybox \
    sh -c "until test -f /own/$1; do sleep 0.05; done; rm /own/$1" >/dev/null
}
again() { [ "$("$DEVC" container inspect -f '{{.State.Status}} {{.RestartCount}}' "$1")" = "running 1" ]; }
start host --network net
start guest --network container:host
touch host
until_ok 10 again host
touch guest
until_ok 10 again guest
eq "$("$DEVC" container exec guest readlink /proc/self/ns/net)" "$("$DEVC" container exec host readlink /proc/self/ns/net)" "the guest's network"
