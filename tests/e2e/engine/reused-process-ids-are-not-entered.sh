# `exec` enters the container's first process or nothing: not who has its process id when that has ended meanwhile.
. "$TOP/tests/e2e/lib.sh"
export ASAN_OPTIONS=detect_leaks=0  # another tracer has its place
cat >inner.sh <<'S2'
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f one >/dev/null' EXIT
"$DEVC" container run -d --name one --network none busybox sleep 1000 >/dev/null
first=$("$DEVC" container inspect -f '{{.State.Pid}}' one)
strace -qq -o trace -e trace=memfd_create -e inject=memfd_create:signal=SIGSTOP "$DEVC" container exec one touch "$PWD/entered" >out.log 2>&1 & tracer=$!
stopped() { command=$(pgrep -P $tracer) && grep -q SIGSTOP trace && grep -q '^State:.*[Tt] (' "/proc/$command/status"; }
until_ok 10 stopped
"$DEVC" container kill one >/dev/null
until_ok 10 test ! -e "/proc/$first"
echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
sleep 1000 & eq $! "$first" "the process id that is used again"
kill -CONT "$command"
if wait $tracer; then die "a program ran in no container"; fi
[ ! -e entered ] || die "a program ran on the host"
S2
# Process ids of its own, of which none is taken by others in between.
unshare --pid --fork --mount-proc --kill-child bash -euo pipefail inner.sh
