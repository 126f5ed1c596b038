# doctor: all that is needed is here; without a capability it says which, how to get it, and ends with 1.
. "$TOP/tests/e2e/lib.sh"
text=$("$DEVC" doctor) || die "doctor: $text"
has "$text" "ok       overlayfs" "doctor"
fails setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$DEVC" doctor
has "$(cat out.log)" "missing  capabilities: CAP_NET_ADMIN" "without the capability"
has "$(cat out.log)" "remedy: run devc as root" "the remedy"
# Kernel, control groups, firewall, and what an engine without root would build on.
for what in "kernel " "cgroups: version" "nftables" "rootless: "; do has "$text" "$what" "doctor on $what"; done
mkdir empty; ln -s "$(command -v bash)" empty/bash
has "$(PATH=$PWD/empty "$DEVC" doctor)" "note     rootless: no newuidmap, newgidmap" "without uidmap"
has "$(PATH=$PWD/empty "$DEVC" doctor)" "remedy: apt install uidmap" "the remedy"
has "$(SUDO_USER=nobody-here "$DEVC" doctor)" "rootless: nobody-here has no ids in /etc/subuid, /etc/subgid" "a user without ids"
fails env DEVC_STATE_DIR=/proc/none "$DEVC" doctor
cat > compose.yaml <<Y
services:
  a: {image: busybox, depends_on: [b]}
  b: {image: busybox}
Y
has "$("$DEVC" graph)" "after     b (started)" "graph"
"$DEVC" graph --format svg -o picture.svg
python3 -c 'import sys, xml.dom.minidom as x; x.parse("picture.svg")' || die "no well-formed svg"
