# system check: damaged blobs, a damaged database and what was left behind on the machine are named; --fix mends what can be
# mended, removes the rest, and leaves alone what lives and what is others'.
. "$TOP/tests/e2e/lib.sh"
export DEVC_STATE_DIR=$PWD/state DEVC_RUN_DIR=$PWD/run
trap '"$DEVC" down -v -t 0 >/dev/null 2>&1 || true; umount "$PWD"/state/tmp/left 2>/dev/null || true; ip link del dv-000000000000 2>/dev/null || true' EXIT
damage() { python3 - "$DEVC_STATE_DIR/devc.db" "$1" <<'P'
import sqlite3, sys
file, table = sys.argv[1:]
data = sqlite3.connect(file)
data.execute("PRAGMA wal_checkpoint(TRUNCATE)")
page, = data.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
size, = data.execute("PRAGMA page_size").fetchone()
data.close()
with open(file, "r+b") as raw:
    raw.seek((page - 1) * size)
    raw.write(b"\xff" * size)
P
}
check() { "$DEVC" system check "$@" >check.log 2>&1; }
sound() { check || die "$1: $(cat check.log)"; has "$(cat check.log)" "all right" "$1"; }
"$DEVC" image import "$BUSYBOX_TAR" busybox:latest >/dev/null
cat > compose.yaml <<Y
services:
  web: {image: busybox, command: sleep 1000, init: true, ports: ["127.0.0.1:$(free_port):80"], volumes: ["kept:/kept"]}
volumes: {kept: {labels: {a: b}}}
Y
"$DEVC" up -d
"$DEVC" exec -T web sh -c 'echo content > /kept/file'
sound "a project that runs"

# ---- left behind: by whom, nobody knows any more
tag=$("$DEVC" system info -f '{{.ID}}'); id=$(printf '%064d' 0)
mkdir state/tmp/left; mount -t tmpfs left state/tmp/left
ip link add dv-000000000000 type bridge; ip link set dv-000000000000 alias "devc-$tag"
nft add table inet "devc-$tag-000000000000"
group=$(find /sys/fs/cgroup -maxdepth 3 -type d -path '*/devc' | head -1); mkdir -p "$group/$id"
mkdir "state/containers/$id"
if check; then die "leftovers: accepted"; fi
for what in "the mount $PWD/state/tmp/left" "the bridge dv-000000000000" "the firewall table devc-$tag-000000000000" "the control group devc/$id"; do
  has "$(cat check.log)" "problem: left behind: $what" "leftovers"
done
has "$(cat check.log)" "left for the next command: the folder $PWD/state/containers/$id" "what the next command takes away"
has "$(cat check.log)" "hint: \`devc system check --fix\`" "the remedy"
check --fix || die "leftovers removed: $(cat check.log)"
eq "$(grep -c 'fixed: removed' check.log)" 5 "what was removed: $(cat check.log)"
sound "after leftovers"
mkdir "state/containers/$id"; check || die "what the next command takes away is no problem: $(cat check.log)"
"$DEVC" container run --rm busybox true; [ ! -e "state/containers/$id" ] || die "the next command left it"
mkdir state/tmp/unfinished; "$DEVC" image prune -f >/dev/null; [ ! -e state/tmp/unfinished ] || die "what a killed transfer leaves stayed"
mkdir -p "$group/$id"; check || die "a control group of another's: $(cat check.log)"; rmdir "$group/$id"
[ ! -e "state/containers/$id" ] && [ ! -e "$group/$id" ] && [ ! -e /sys/class/net/dv-000000000000 ] || die "something stayed"
if nft list table inet "devc-$tag-000000000000" >/dev/null 2>&1; then die "the table stayed"; fi
eq "$("$DEVC" exec -T web cat /kept/file)" content "the project lives on"

# ---- a control group of which nothing else is left
owner() { python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.devc", sys.argv[2].encode())' "$group/$id" "$1"; }
group=/sys/fs/cgroup/freezer/devc; [ -d "$group" ] || group=/sys/fs/cgroup/devc
mkdir "$group/$id"; owner 00000000; check || die "another state directory's: $(cat check.log)"
owner "$tag"
sleep 1000 & echo $! >"$group/$id/cgroup.procs"
if check; then die "a process of nobody: accepted"; fi
has "$(cat check.log)" "problem: left behind: 1 processes of container 000000000000, of which nothing else is left" "a process of nobody"
check --fix || die "it is ended: $(cat check.log)"; [ ! -e "$group/$id" ] || die "its control group stayed"
wait $! && die "it was not ended"

lost=$("$DEVC" container run -d --network none busybox sleep 1000)
pid=$("$DEVC" container inspect -f '{{.State.Pid}}' "$lost"); monitor=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
kill -9 "$monitor"; until_ok 5 sh -c "! kill -0 $monitor 2>/dev/null"
rm -rf "state/containers/$lost" "run/containers/$lost"
python3 -c 'import sqlite3, sys; d = sqlite3.connect("state/devc.db"); d.execute("DELETE FROM containers WHERE id = ?", sys.argv[1:]); d.commit()' "$lost"
if check; then die "a control group of nobody: accepted"; fi
has "$(cat check.log)" "problem: left behind: the control group devc/$lost, in which nothing runs" "a control group of nobody"
check --fix || die "it is removed: $(cat check.log)"; [ ! -e "$group/$lost" ] || die "it stayed"
sound "after what nobody knew"

# ---- others' things stay
ip link add dv-000000000000 type bridge; ip link set dv-000000000000 alias devc-00000000
check --fix || die "others': $(cat check.log)"
[ -e /sys/class/net/dv-000000000000 ] || die "another's bridge was removed"
# In a network namespace of its own, with the machine's /sys: what that shows is not there.
ip link set dv-000000000000 alias "devc-$tag"
unshare -n "$DEVC" system check >check.log 2>&1 || die "a bridge of another network namespace: $(cat check.log)"
ip link del dv-000000000000

# ---- a monitor that was killed leaves processes, ports and a table
pid=$("$DEVC" container inspect -f '{{.State.Pid}}' "$("$DEVC" ps -q web)"); monitor=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
kill -9 "$monitor"
until_ok 5 sh -c "! kill -0 $monitor 2>/dev/null"
if check; then die "after a killed monitor: accepted"; fi
has "$(cat check.log)" "addresses and ports of container" "after a killed monitor"
check --fix || die "after a killed monitor: $(cat check.log)"
sound "after a killed monitor was cleared up"
if nft list tables | grep -q "devc-$tag"; then die "its table stayed"; fi

# ---- a page of the database
"$DEVC" up -d; "$DEVC" stop -t 0
damage volumes
if check; then die "a damaged database: accepted"; fi
has "$(cat check.log)" "problem: the database $PWD/state/devc.db" "a damaged database"
check --fix || die "a damaged database: $(cat check.log)"
has "$(cat check.log)" "fixed: made the database anew" "a damaged database"
has "$(cat check.log)" "fixed: of the table volumes rows are lost" "a damaged database"
[ -s state/devc.db.damaged ] || die "the damaged one was not kept"
sound "a mended database"
eq "$("$DEVC" volume ls -q)" "${COMPOSE_PROJECT_NAME}_kept" "volumes whose record was lost"
eq "$("$DEVC" container run --rm -v "${COMPOSE_PROJECT_NAME}_kept:/k" busybox cat /k/file)" content "what is in them"
"$DEVC" up -d 2>/dev/null || die "up after it was mended"
"$DEVC" down -v -t 0

# ---- a file that is no database at all
python3 -c 'import sqlite3; sqlite3.connect("state/devc.db").execute("PRAGMA wal_checkpoint(TRUNCATE)")'
cp state/devc.db good; printf 'no database at all' >state/devc.db; rm -f state/devc.db-*
if check --fix; then die "no database: accepted"; fi
has "$(cat check.log)" "devc.db" "the file that is named"
cp good state/devc.db; rm -f state/devc.db-*
sound "put back"
# ---- a blob
blob=$(ls -S state/blobs/sha256 | head -1); printf x | dd of="state/blobs/sha256/$blob" bs=1 seek=100 conv=notrunc 2>/dev/null
if check; then die "a damaged blob: accepted"; fi
has "$(cat check.log)" "problem: the blob $blob is damaged" "a damaged blob"
check --fix || die "a damaged blob: $(cat check.log)"
sound "a store without it"
"$DEVC" image import "$BUSYBOX_TAR" busybox:latest >/dev/null
sound "the image is whole again"
