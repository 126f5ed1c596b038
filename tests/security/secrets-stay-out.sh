# A secret is in the file of the container that was promised it and nowhere else: not in inspect, logs, events, titles,
# variables of processes, the state directory, images, history or the build cache.
. "$TOP/tests/security/lib.sh"
secret="s3cr3t-$RANDOM$RANDOM$RANDOM"; printf '%s' "$secret" >secret.txt; export SECRET_VARIABLE=$secret
mkdir context
cat >context/Dockerfile <<'D'
FROM busybox
RUN --mount=type=secret,id=key grep -q s3cr3t /run/secrets/key && echo built >/built
RUN --mount=type=secret,id=var,env=KEY [ -n "$KEY" ]
CMD sleep 100
D
cat >compose.yaml <<'Y'
services:
  web:
    build: {context: context, secrets: [{source: file, target: key}, {source: variable, target: var}]}
    image: secret-test
    init: true
    secrets: [file, {source: variable, target: other, mode: 0400, uid: "7"}]
secrets: {file: {file: secret.txt}, variable: {environment: SECRET_VARIABLE}}
Y
"$DEVC" up -d --build >out.log 2>&1 || die "$(cat out.log)"
id=$("$DEVC" ps -q web)
eq "$("$DEVC" exec -T web cat /run/secrets/file)" "$secret" "the promised file"
eq "$("$DEVC" exec -T web stat -c '%a %u' /run/secrets/other)" "400 7" "its mode and owner"
clean() { ! grep -aq "$secret" <<<"$2" || die "$1 has the secret"; }
clean inspect "$("$DEVC" container inspect "$id")"
clean image "$("$DEVC" image inspect secret-test; "$DEVC" image history --no-trunc secret-test)"
clean logs "$("$DEVC" logs; "$DEVC" events --since 10m --until 0s --json)"
clean output "$(cat out.log)"
clean environment "$("$DEVC" exec -T web env)"
pid=$("$DEVC" container inspect -f '{{.State.Pid}}' "$id"); monitor=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
for process in $pid $monitor; do clean "process $process" "$(tr '\0' '\n' <"/proc/$process/cmdline"; tr '\0' '\n' <"/proc/$process/environ")"; done
if found=$(grep -raFl "$secret" "$DEVC_STATE_DIR"); then die "it is in the state directory: $found"; fi
"$DEVC" image save secret-test | tar -xO | zcat -f 2>/dev/null | grep -aq "$secret" && die "the image has it" || true
eq "$(stat -c %a "$DEVC_RUN_DIR/containers/$id")" 700 "the folder of its file"
"$DEVC" down -t 0; "$DEVC" image rm secret-test >/dev/null
if found=$(grep -raFl "$secret" "$DEVC_RUN_DIR"); then die "it is left in the run directory: $found"; fi
