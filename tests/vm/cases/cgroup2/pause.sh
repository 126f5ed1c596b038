# pause stops every process of a container until unpause; a paused one can be stopped and removed.
. /vm/lib.sh
devc container run -d --name one busybox sh -c 'while :; do echo x >>/count; sleep 0.05; done' >/dev/null
lines() { wc -l <"/proc/$(inspect one '{{.State.Pid}}')/root/count"; }
until_ok 20 sh -c '[ -s /proc/$(devc container inspect --format "{{.State.Pid}}" one)/root/count ]'
group=$(group_of one)
devc container pause one >/dev/null
eq "$(inspect one '{{.State.Status}}')" paused "state"
eq "$(cat "$group/cgroup.freeze")" 1 "the kernel's freezer"
eq "$(sed -n 's/frozen //p' "$group/cgroup.events")" 1 "every process is frozen"
before=$(lines); sleep 0.5; eq "$(lines)" "$before" "a paused container does nothing"
devc container unpause one >/dev/null
until_ok 20 sh -c "[ \$(wc -l <$(echo /proc/$(inspect one '{{.State.Pid}}')/root/count)) -gt $before ]"
devc container pause one >/dev/null
devc container stop -t 1 one >/dev/null
eq "$(inspect one '{{.State.Status}}')" exited "stopped while paused"
devc container start one >/dev/null; devc container pause one >/dev/null
devc container rm -f one >/dev/null
[ ! -e "$group" ] || die "its control group is still there"
