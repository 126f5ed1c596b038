# doctor has nothing to complain about on Debian's kernel.
. /vm/lib.sh
text=$(devc doctor) || die "doctor: $text"
has "$text" "ok       cgroups: version 2" "doctor"
hasnt "$text" "note     cgroups" "doctor"
hasnt "$text" "missing" "doctor"
