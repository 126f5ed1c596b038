# A container without options has docker's box: capabilities, seccomp, masked and read-only paths, devices, mounts, an
# environment of its own; and what only root of the machine may do is refused to its root.
. "$TOP/tests/security/lib.sh"
export DEVC_TEST_OF_HOST=seen
build_probe
run() { "$DEVC" container run --rm "$@"; }

status=$(run busybox cat /proc/self/status)
field() { awk -v key="$1:" '$1 == key { print $2 }' <<<"$status"; }
for set in CapPrm CapEff CapBnd; do eq "$(field $set)" 00000000a80425fb "$set"; done
for set in CapInh CapAmb; do eq "$(field $set)" 0000000000000000 "$set"; done
eq "$(field Seccomp)" 2 "seccomp filters"
eq "$(field NoNewPrivs)" 0 "no_new_privs only where it is asked for"
eq "$(run --security-opt no-new-privileges busybox awk '/NoNewPrivs/ {print $2}' /proc/self/status)" 1 "no_new_privs"
status=$(run --user 1000 busybox cat /proc/self/status)
eq "$(field CapEff)" 0000000000000000 "another user has no capabilities"

probe kernel >kernel
allowed=$(grep -v ' EPERM$' kernel | grep -v '^clone3 ENOSYS$' || true)
eq "$allowed" "" "what the kernel let it do"
probe devices >devices
eq "$(awk '$2 == "ok" {print $1}' devices | paste -sd' ')" null "devices that can be opened"
probe writes >writes
eq "$(awk '$2 == "ok" && $1 !~ "/proc/(1|self)/" {print $1}' writes)" "" "files of the kernel that can be written"

eq "$(run busybox sh -c 'for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/interrupts; do [ -e $f ] && wc -c <$f; done' | sort -u)" 0 "masked files are empty"
eq "$(run busybox sh -c 'ls -A /proc/acpi /proc/scsi /proc/asound /sys/firmware /sys/devices/virtual/powercap 2>/dev/null | grep -v : | grep -v "^$"' || true)" "" "masked folders are empty"
eq "$(run busybox sh -c 'ls /dev | sort' | paste -sd' ')" "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero" "/dev"
mounts=$(run busybox cat /proc/self/mounts)
option() { awk -v at="$1" -v want="$2" '$2 == at { n = split($4, have, ","); for (i = 1; i <= n; i++) if (have[i] == want) print "yes" }' <<<"$mounts" | head -n 1; }
while read -r at options; do
  for word in $options; do eq "$(option "$at" "$word")" yes "$at is mounted $word"; done
done <<'T'
/proc nosuid nodev noexec
/proc/sys ro nosuid nodev noexec
/proc/bus ro
/proc/fs ro
/proc/irq ro
/dev nosuid
/dev/pts nosuid noexec
/dev/mqueue nosuid nodev noexec
/dev/shm nosuid nodev noexec
/sys ro nosuid nodev noexec
/sys/fs/cgroup ro nosuid nodev noexec
T
environment=$(run busybox env | cut -d= -f1 | sort | paste -sd' ')
eq "$environment" "HOME HOSTNAME PATH" "variables"
eq "$("$DEVC" container run -d --rm --name env$$ busybox sleep 100 | wc -l)" 1 "it runs"
eq "$("$DEVC" container exec env$$ env | cut -d= -f1 | sort | paste -sd' ')" "HOME HOSTNAME PATH" "variables of exec"
pid=$("$DEVC" container inspect -f '{{.State.Pid}}' env$$)
monitor=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
if tr '\0' '\n' <"/proc/$monitor/environ" | grep -q DEVC_TEST_OF_HOST; then die "the monitor keeps the environment of who started it"; fi
"$DEVC" container rm -f env$$ >/dev/null
