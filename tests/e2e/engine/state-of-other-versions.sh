# A state directory of a newer devc is refused and not touched; one of an older is taken over with all that is in it.
. "$TOP/tests/e2e/lib.sh"
export DEVC_STATE_DIR=$PWD/state DEVC_RUN_DIR=$PWD/run
sql() { python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); [print(*r) for r in c.execute(sys.argv[2])]; c.commit()' "$DEVC_STATE_DIR/devc.db" "$1"; }
"$DEVC" image import "$BUSYBOX_TAR" busybox:latest >/dev/null
"$DEVC" volume create kept >/dev/null
known=$(sql 'PRAGMA user_version')

sql 'PRAGMA user_version = 999'
for command in "ps -a" "up -d" "image ls" "system check --fix" "system prune -f"; do
  fails "$DEVC" $command
done
has "$(cat out.log)" "the state is of a newer devc (schema 999, this one knows $known)" "the message"
has "$(cat out.log)" "hint: use the newer devc" "the remedy"
eq "$(sql 'PRAGMA user_version')" 999 "the schema afterwards"

# The last step of the migrations, taken back.
sql 'ALTER TABLE images DROP COLUMN tagged'
sql "PRAGMA user_version = $((known - 1))"
for n in 1 2 3 4; do "$DEVC" image ls -q >ids$n & listing+=($!); done  # all of them find it old
for one in "${listing[@]}"; do wait "$one"; done
eq "$(sort -u ids1 ids2 ids3 ids4 | wc -l)" 1 "images listed by commands that migrate at once"
eq "$(sql 'PRAGMA user_version')" "$known" "the schema after the migration"
eq "$("$DEVC" volume ls -q)" kept "volumes"
"$DEVC" system check >/dev/null
"$DEVC" container run --rm busybox true

# What is no database is said to be none.
printf 'no database' >"$DEVC_STATE_DIR/devc.db"; rm -f "$DEVC_STATE_DIR"/devc.db-*
fails "$DEVC" image ls
has "$(cat out.log)" "devc.db" "the file that is named"
