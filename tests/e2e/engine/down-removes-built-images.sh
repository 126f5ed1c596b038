# `down --rmi local` removes what was built for the services of the project, whatever its name, and what lost its name meanwhile.
. "$TOP/tests/e2e/lib.sh"
p=$COMPOSE_PROJECT_NAME
trap '"$DEVC" down -t 0 --rmi local' EXIT
cat > compose.yaml <<Y
services:
  plain: {build: {context: ., dockerfile_inline: "FROM busybox\nARG V\nRUN echo \$\$V > /v", args: {V: "\${V:-1}"}}, command: "true"}
  named: {image: $p-named, build: {context: ., dockerfile_inline: "FROM busybox\nRUN echo named > /v"}, command: "true"}
  pulled: {image: busybox, command: "true"}
Y
mine() { "$DEVC" image ls -q --no-trunc --filter "label=com.docker.compose.project=$p" | sort -u | wc -l; }
names() { "$DEVC" image ls --format '{{.Repository}}' | grep "^$p" | sort | tr '\n' ' ' | sed 's/ $//'; }
"$DEVC" build; V=2 "$DEVC" build; "$DEVC" up -d
eq "$(mine)" 3 "images, one without a name"
"$DEVC" image tag "$p-plain" "$p-kept"
"$DEVC" down -t 0
eq "$(mine)" 3 "images after down"
"$DEVC" down --rmi local
eq "$(names)" "$p-kept" "images after --rmi local"
eq "$(mine)" 1 "images after --rmi local"
"$DEVC" image inspect busybox >/dev/null || die "an image that was not built is gone"
"$DEVC" image rm "$p-kept" >/dev/null
"$DEVC" up -d; "$DEVC" image tag "$p-plain" "$p-again"
(cd / && "$DEVC" -p "$p" down -t 0 --rmi local)
eq "$(names)" "$p-again" "images after --rmi local without a file"
"$DEVC" image rm "$p-again" >/dev/null
