# doctor names the controllers that are missing, and that this is no reason not to work.
. /vm/lib.sh
text=$(devc doctor) || die "doctor: $text"
has "$text" "note     cgroups: without memory, pids: limits of these are ignored" "doctor"
has "$text" "cgroup_disable" "the remedy"
