# A full disk or a closed descriptor as standard output is said, and nothing is written where it does not belong.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -t 0' EXIT
echo 'services: {a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}}' > compose.yaml
"$DEVC" up -d >&- 2>&- <&-
for command in "ps" "ls" "config" "container ls" "image ls" "volume ls" "version"; do
  if "$DEVC" $command >/dev/full 2>said; then die "$command to a full disk"; fi
  has "$(cat said)" "write standard output: No space left on device" "$command to a full disk"
  if "$DEVC" $command >&- 2>said; then die "$command to a closed output"; fi
  has "$(cat said)" "Bad file descriptor" "$command to a closed output"
done
long=$(printf 'x%.0s' $(seq 5000))  # more than is kept until the end
for command in "ps --format $long" "container inspect $("$DEVC" ps -q)"; do
  if "$DEVC" $command >/dev/full 2>said; then die "much to a full disk"; fi
  has "$(cat said)" "write standard output: No space left on device" "much to a full disk"
done
if [ -z "${WATCHED:-}" ]; then  # a sanitizer opens files before main, and finds no leaks under strace
    strace -f -o trace -e trace=openat,open "$DEVC" ps >&- 2>/dev/null || true
    ! grep -v /dev/null trace | grep -E '\) = [012]$' || die "a file became a standard descriptor"
fi
has "$("$DEVC" exec -T a sh -c 'cat; echo end' <&-)" end "exec without an input"
