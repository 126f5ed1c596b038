# Without control groups nothing starts, and nothing half-made is left; what the message says helps.
. /vm/lib.sh
fails run busybox true
has "$(cat out.log)" "no control groups are mounted on this machine" "what is missing"
has "$(cat out.log)" "hint: mount -t cgroup2 none /sys/fs/cgroup" "what to do"
eq "$(devc container ls -aq)" "" "containers that are left"
fails devc doctor
has "$(cat out.log)" "missing  cgroups: none are mounted" "doctor"
cat >compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, ports: ["8080:80"]}
Y
fails devc up -d
has "$(cat out.log)" "no control groups are mounted" "up"
devc ps -a >/dev/null
devc system check || die "the store is damaged"
mount -t cgroup2 none /sys/fs/cgroup
devc up -d || die "up afterwards"
devc down -t 0
umount /sys/fs/cgroup
