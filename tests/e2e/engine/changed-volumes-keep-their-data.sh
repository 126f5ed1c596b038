# A volume whose definition changed stays with its data, which `up` says; `up -y` makes it and its containers anew.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -v -t 0' EXIT
write() { cat > compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, volumes: ["data:/data"]}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, volumes: ["data:/data"]}
  c: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}
volumes: {data: {labels: {of: "$1"}}}
Y
}
write 1; "$DEVC" up -d; "$DEVC" exec a touch /data/file; a=$("$DEVC" ps -q a) c=$("$DEVC" ps -q c)
write 2; "$DEVC" --progress plain up -d 2> said
has "$(cat said)" "volume ${COMPOSE_PROJECT_NAME}_data has another definition now and stays as it is" "up"
eq "$("$DEVC" ps -q a)" "$a" "container"; "$DEVC" exec a test -e /data/file || die "the data is gone"
has "$("$DEVC" --progress plain up -d -y b 2>&1)" "a-1 uses it" "up -y of another service"
"$DEVC" exec a test -e /data/file || die "the data is gone after up -y of another service"
"$DEVC" up -d -y
"$DEVC" exec a test ! -e /data/file || die "the volume was not made anew"
eq "$("$DEVC" ps -q c)" "$c" "the other container"
eq "$("$DEVC" volume inspect -f '{{.Labels.of}}' "${COMPOSE_PROJECT_NAME}_data")" 2 "label"
"$DEVC" --progress plain up -d -y 2> said; ! grep -q definition said || die "nothing differs any more"
