# A network or volume that was made for another project, or by hand, is used and left alone, and `up` says so.
. "$TOP/tests/e2e/lib.sh"
export COMPOSE_PROGRESS=plain
n=shared-$$; mkdir -p a b; unset COMPOSE_PROJECT_NAME
for p in a b; do cat > $p/compose.yaml <<Y
name: $n-$p
services: {s: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, networks: [n], volumes: ["data:/data"]}}
networks: {n: {name: $n}}
volumes: {data: {name: $n}}
Y
done
trap 'for p in b a; do "$DEVC" -f $p/compose.yaml down -v -t 0; done' EXIT
"$DEVC" -f a/compose.yaml up -d 2> said; ! grep warning said || die "the first project"
"$DEVC" -f b/compose.yaml up -d 2> said
for kind in network volume; do
  has "$(cat said)" "a $kind with name $n exists but was not created for project \"$n-b\" but for project \"$n-a\". Set \`external: true\`" "$kind"
done
"$DEVC" -f a/compose.yaml up -d 2> said; ! grep warning said || die "the first project again"
"$DEVC" -f b/compose.yaml down -v; "$DEVC" network inspect "$n" >/dev/null; "$DEVC" volume inspect "$n" >/dev/null
