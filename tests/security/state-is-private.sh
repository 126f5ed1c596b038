# Nothing of the state and run directories can be read or entered by other users, whatever the umask of who runs devc, but
# for the files of volumes and containers themselves; sockets too (CVE-2021-41091).
. "$TOP/tests/security/lib.sh"
umask 000
export DEVC_STATE_DIR=$PWD/state DEVC_RUN_DIR=$PWD/run
"$DEVC" image import -c 'CMD ["sh"]' -c 'ENV PATH=/bin:/usr/bin' "$BUSYBOX_TAR" busybox:latest >/dev/null
cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: sh -c 'echo logged; sleep 100'
    init: true
    volumes: [data:/data]
    configs: [c]
    ports: ["127.0.0.1::80"]
    healthcheck: {test: "true", interval: 0.2s}
volumes: {data: }
configs: {c: {content: x}}
Y
"$DEVC" up -d
printf 'FROM busybox\nRUN echo x >/x\n' >Dockerfile; "$DEVC" image build -q -t private . >/dev/null
eq "$(stat -c %a state run)" "700
700" "the directories"
# Where a folder is closed nobody gets below it; the rest is closed one by one.
open=$(find state run -path '*/layers/*' -prune -o -path '*/upper/*' -prune -o -path '*/work/*' -prune -o -path '*/_data*' -prune -o -path '*/merged' -prune -o -path 'run/containers/*/files/*' -prune \
  -o ! -type l -perm /022 -printf '%M %p\n' )
eq "$open" "" "what others may write"
open=$(find state run -maxdepth 2 -type s -perm /077 -o -name 'devc.db*' -perm /077 -o -name '*.json' -perm /077 | sort)
eq "$open" "" "sockets, database and plans that others may use"
for socket in $(find run -type s); do [ "$(stat -c %a "$(dirname "$socket")")" = 700 ] || die "$socket is in an open folder"; done
as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
chmod 755 .  # the test's own folder
for path in state/devc.db "$(find state -name config.json | head -n 1)" "$(find state -name log | head -n 1)"; do
  if as_other cat "$path" >/dev/null 2>&1; then die "others read $path"; fi
done
"$DEVC" down -v -t 0; "$DEVC" system prune -af --volumes >/dev/null
