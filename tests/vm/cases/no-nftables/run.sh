# Without the module nf_tables only containers without a network of their own start; the message says so, and nothing half-made is left.
. /vm/lib.sh
fails run busybox true
has "$(cat out.log)" "the kernel has no nftables" "what is missing"
has "$(cat out.log)" "hint: modprobe nf_tables" "what to do"
eq "$(devc container ls -aq)" "" "containers that are left"
eq "$(run --network none busybox echo works)" works "no network"
eq "$(run --network host busybox echo works)" works "the machine's network"
fails devc doctor
has "$(cat out.log)" "missing  nftables: use the firewall: the kernel has no nftables" "doctor"
cat >compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, ports: ["8080:80"]}
Y
fails devc up -d
has "$(cat out.log)" "the kernel has no nftables" "up"
devc ps -a >/dev/null
devc down -v -t 0 || die "down"
eq "$(devc container ls -aq)" "" "containers that are left"
eq "$(devc network ls --format '{{.Name}}' | grep -c '^p_' || true)" 0 "networks that are left"
eq "$(ls /sys/class/net)" lo "interfaces that are left"
devc system check || die "the store is damaged"
