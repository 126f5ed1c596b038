# A container sets sysctls of its own namespaces only.
. "$TOP/tests/security/lib.sh"
same() { echo "$1=$(cat "/proc/sys/$(echo "$1" | tr . /)")"; }  # if it were set, nothing would change
for name in kernel.core_pattern kernel.panic kernel/core_uses_pid vm.swappiness fs.file-max kernel.hostname; do
  fails "$DEVC" container run --rm --sysctl "$(same "$name")" busybox true
  has "$(cat out.log)" "is not in a separate kernel namespace" "$name"
done
fails "$DEVC" container run --rm --network host --sysctl "$(same net.ipv4.ip_forward)" busybox true
fails "$DEVC" container run --rm --ipc host --sysctl "$(same kernel.shmmni)" busybox true
eq "$("$DEVC" container run --rm --sysctl net.ipv4.ip_default_ttl=33 --sysctl kernel.shmmni=77 --sysctl fs.mqueue.msg_max=12 busybox \
  cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max | tr '\n' ' ')" "33 77 12 " "those of its namespaces"
