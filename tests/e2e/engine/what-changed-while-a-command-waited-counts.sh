# A command that waits for another one, which changes the state, decides by what it finds afterwards.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f one two three >/dev/null 2>&1 || true; "$DEVC" network prune -f >/dev/null' EXIT
sql() { python3 -c 'import sqlite3, sys; print(*[row[0] for row in sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2])])' "$DEVC_STATE_DIR/devc.db" "$1"; }
waits() { [ "$(cat "/proc/$1/wchan")" = hrtimer_nanosleep ]; }
# SQL COMMAND...: the command runs into a transaction that ends with this.
meanwhile() {
  local change=$1; shift
  mkfifo go
  python3 - "$DEVC_STATE_DIR/devc.db" "$change" <<'P' &
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
open("go", "w").close()
open("go").read()
database.execute(sys.argv[2])
database.execute("COMMIT")
P
  local other=$!
  cat go
  "$@" >out.log 2>&1 & local command=$!
  until_ok 10 waits $command
  echo >go
  wait $other
  wait $command || die "$*: $(cat out.log)"
  rm go
}

# A name that an image is given.
printf 'FROM busybox\nENV own=1\n' | "$DEVC" image build -q -t sole - >/dev/null
sole=$(sql "SELECT image_id FROM image_references WHERE reference LIKE '%/sole:latest'")
meanwhile "INSERT INTO image_references VALUES ('docker.io/library/second:latest', '$sole')" "$DEVC" image rm sole
eq "$("$DEVC" image inspect -f '{{.Id}}' second)" "$sole" "the image that was given another name"
"$DEVC" image rm second >/dev/null

# A network that a container is connected to.
"$DEVC" network create before >/dev/null
kept=$("$DEVC" network create kept)
one=$("$DEVC" container create --name one --network before busybox)
meanwhile "UPDATE endpoints SET network = '$kept' WHERE container = '$one'" "$DEVC" network prune -f
eq "$("$DEVC" network inspect -f '{{.Id}}' kept)" "$kept" "the network that a container is on by now"

# A name that a container is given.
"$DEVC" container rm one >/dev/null
one=$("$DEVC" container create --name one busybox sleep 1000)
# NAME COMMAND...: the container is called so while the command waits for its lock.
renamed() {
  local name=$1; shift
  exec 9<"$DEVC_STATE_DIR/containers/$one"
  flock 9
  "$@" >out.log 2>&1 9<&- & local command=$!
  until_ok 10 grep -q -- "-> FLOCK .* $command " /proc/locks
  "$DEVC" container rename "$one" "$name" 9<&-
  exec 9<&-
  wait $command || die "$*: $(cat out.log)"
  eq "$("$DEVC" container inspect -f '{{.Name}}' "$one")" "/$name" "the container's name after $*"
}
renamed two "$DEVC" container update --memory 64m "$one"
eq "$("$DEVC" container inspect -f '{{.HostConfig.Memory}}' two)" 67108864 "the container's limit"
renamed three "$DEVC" container start "$one"
has "$("$DEVC" system events --since 1h --until 0s --filter event=start --filter "container=$one")" "name=three" "the start"
