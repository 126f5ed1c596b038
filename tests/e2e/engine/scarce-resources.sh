# A state directory that is full or read-only, few descriptors, no memory to spare: a clear error, and a valid state afterwards.
if [ -z "${INSIDE:-}" ]; then exec env INSIDE=1 unshare -m --propagation private bash -euo pipefail "$0"; fi
. "$TOP/tests/e2e/lib.sh"
work=$PWD
mkdir disk
mount -t tmpfs -o size=12m,mode=700 tmpfs disk
export DEVC_STATE_DIR=$work/disk/state DEVC_RUN_DIR=$work/run
trap '"$DEVC" down -v -t 0 >/dev/null 2>&1; umount -l disk' EXIT
"$DEVC" image import -c 'CMD ["sh"]' -c "ENV PATH=/bin" "$BUSYBOX_TAR" busybox:latest >/dev/null
cat > compose.yaml <<'Y'
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 3, volumes: ["data:/data"], ports: ["80"]}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: [a]}
volumes: {data: }
Y
sound() { "$DEVC" system check >checked 2>&1 || die "$1: $(cat checked)"; }
runs() { "$DEVC" up -d || die "up $1"; eq "$("$DEVC" ps -q | wc -l)" 4 "containers $1"; sound "$1"; "$DEVC" down -v -t 0 || die "down $1"; }
refused() { # WHAT MESSAGE COMMAND...
  local what=$1 message=$2; shift 2
  local status=0
  "$@" >out.log 2>&1 || status=$?
  [ "$status" != 0 ] && [ "$status" -lt 128 ] || die "$what: status $status: $(cat out.log)"
  has "$(cat out.log)" "$message" "$what"
  has "$(cat out.log)" "error: " "$what"
}
runs "before"

# Full to the last page: nothing can be made, what runs goes on and can be removed.
"$DEVC" up -d --scale a=1
dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
refused "up on a full disk" "No space left on device" "$DEVC" up -d
eq "$("$DEVC" ps -q b | wc -l)" 1 "what ran before"
rm disk/filler
runs "with room again"
dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
refused "a build on a full disk" "No space left on device" "$DEVC" image build -t x - < <(printf 'FROM busybox\nRUN head -c 100000 /dev/zero >/x\n')
rm disk/filler
sound "after a build on a full disk"

# Read-only.
mount -o remount,ro disk
refused "up on a read-only disk" "" "$DEVC" up -d
mount -o remount,rw disk
runs "writable again"

# Few descriptors: it does or it says so; never something between. Not under sanitizers: they ask by a pipe what memory there is,
# and take what they cannot ask about for a fault.
[ -n "${WATCHED:-}" ] || for limit in $(seq 5 5 60); do
  status=0
  (ulimit -n "$limit"; exec "$DEVC" up -d) >out.log 2>&1 || status=$?
  [ "$status" -lt 126 ] || die "up with $limit descriptors: status $status: $(cat out.log)"
  [ "$status" = 0 ] || has "$(cat out.log)" "error: " "up with $limit descriptors"
done
runs "with descriptors again"
