# doctor: all that is needed is here; without a capability it says which, how to get it, and ends with 1.
. "$TOP/tests/e2e/lib.sh"
text=$("$DEVC" doctor) || die "doctor: $text"
has "$text" "ok       overlayfs" "doctor"
fails setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$DEVC" doctor
has "$(cat out.log)" "missing  capabilities: CAP_NET_ADMIN" "without the capability"
has "$(cat out.log)" "remedy: run devc as root" "the remedy"
cat > compose.yaml <<Y
services:
  a: {image: busybox, depends_on: [b]}
  b: {image: busybox}
Y
has "$("$DEVC" graph)" "after     b (started)" "graph"
"$DEVC" graph --format svg -o picture.svg
python3 -c 'import sys, xml.dom.minidom as x; x.parse("picture.svg")' || die "no well-formed svg"
