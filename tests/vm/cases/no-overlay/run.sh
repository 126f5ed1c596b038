# Without overlayfs nothing starts, the message says so, and nothing half-made is left.
. /vm/lib.sh
fails run busybox true
has "$(cat out.log)" "the kernel has no such file system" "what is missing"
has "$(cat out.log)" "mount overlay" "of which"
has "$(cat out.log)" "hint: modprobe overlay" "what to do"
eq "$(devc container ls -aq)" "" "containers that are left"
[ ! -e /sys/fs/cgroup/devc ] || die "left behind: $(find /sys/fs/cgroup/devc -type d)"
fails devc doctor
has "$(cat out.log)" "missing  overlayfs" "doctor"
cat >compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, ports: ["8080:80"]}
Y
fails devc up -d
has "$(cat out.log)" "mount overlay: the kernel has no such file system" "up"
devc ps -a >/dev/null
devc down -v -t 0 || die "down"
devc system check || die "the store is damaged"
printf 'FROM busybox\nRUN true\n' >Dockerfile
fails devc image build -t x .
has "$(cat out.log)" "mount overlay: the kernel has no such file system" "build"
