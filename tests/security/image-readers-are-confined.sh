# What reads archives, manifests and answers of registries has lost what it does not need, before it reads the first byte.
. "$TOP/tests/e2e/lib.sh"
mkfifo slow
exec 9<>slow
"$DEVC" image import - confined$$ <slow 9>&- >out.log 2>&1 &
import=$!
confined() { # COMMAND_PID: says when its devc-transfer has a filter
  reader=$(pgrep -P "$1" devc-transfer) && grep -q '^Seccomp:\s*2' "/proc/$reader/status"
}
until_ok 20 confined $import
reader=$(pgrep -P $import devc-transfer)
field() { sed -n "s/^$1:\s*//p" "/proc/$reader/status"; }
eq "$(field NoNewPrivs)" 1 "no_new_privs"
# CHOWN DAC_OVERRIDE FOWNER FSETID MKNOD SETFCAP, and SYS_ADMIN for overlayfs' attributes
for set in CapPrm CapEff CapBnd; do eq "$((0x$(field $set) & ~0x8820001b))" 0 "$set beyond what unpacking needs"; done
eq "$((0x$(field CapInh) | 0x$(field CapAmb)))" 0 "inherited capabilities"
[ "$(readlink "/proc/$reader/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] || die "it has the machine's mounts"
grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* / [^ ]*nodev" "/proc/$reader/mountinfo" || die "its root has devices"
tar -C / -cf slow --exclude='*' etc 2>/dev/null
exec 9>&-
wait $import || die "$(cat out.log)"
"$DEVC" image rm confined$$ >/dev/null
