# What a container or an image does with locks, pipes, arguments, files and folders neither stops devc nor fills its memory.
. "$TOP/tests/security/lib.sh"
build_probe
trap '"$DEVC" container rm -f a$$ b$$ >/dev/null 2>&1 || true; "$DEVC" volume rm -f v$$ >/dev/null 2>&1 || true' EXIT
kept() { find "$DEVC_STATE_DIR/containers" "$DEVC_STATE_DIR/volumes" -mindepth 1 -maxdepth 1 2>/dev/null | sort || true; }
before=$(kept)
# KB of address space, of which the address sanitizer takes all there is.
small() { ( [ -n "${WATCHED:-}" ] || ulimit -v 1500000; timeout 60 "$@" ); }

# The lock of a volume's folder, while another container would fill it with its image's files.
printf 'FROM busybox\nRUN mkdir -p /data && echo 1 >/data/file\n' >Dockerfile
"$DEVC" image build -q -t filled$$ . >/dev/null
"$DEVC" container run -d --name a$$ -v v$$:/v -v "$PWD/probe:/probe:ro" busybox /probe lock /v >/dev/null
until_ok 10 sh -c "\"$DEVC\" container logs a$$ | grep -q 'lock ok'"
timeout 30 "$DEVC" container run --name b$$ -v v$$:/data filled$$ cat /data/file >out || die "a lock in a container stops another's start"
eq "$(cat out)" 1 "the volume's content"
"$DEVC" container rm -f a$$ b$$ >/dev/null

# A process that says that its arguments are 8 GB.
"$DEVC" container run -d --name a$$ -v "$PWD/probe:/probe:ro" busybox /probe long-arguments >/dev/null
until_ok 10 sh -c "\"$DEVC\" container logs a$$ | grep -q PR_SET_MM_MAP"
small "$DEVC" container top a$$ >out || die "top of long arguments"
has "$(tr -d x <out | head -c 300)" UID "top"
"$DEVC" container rm -f a$$ >/dev/null

# A health check that writes faster than anybody reads: the monitor goes on to listen.
"$DEVC" container run -d --name a$$ -v "$PWD/probe:/probe:ro" --health-interval 0.2s --health-timeout 2s --health-retries 1 \
  --health-cmd '/probe flood & exec /probe flood' busybox sleep 1000 >/dev/null
sleep 1
timeout 20 "$DEVC" container rm -f a$$ >/dev/null || die "the monitor is deaf"

# A hook that leaves a process behind which goes on to write, and a program that does so when it is executed.
cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: sleep 1000
    init: true
    volumes: [./probe:/probe:ro]
    post_start: [{command: ["sh", "-c", "/probe flood & echo hooked"]}]
Y
timeout 30 "$DEVC" up -d >/dev/null 2>&1 || die "a hook's leftovers keep up from its end"
timeout 30 "$DEVC" exec -T web sh -c '/probe flood & echo done' >out || die "a program's leftovers keep exec from its end"
timeout 20 "$DEVC" down -t 0 || die "a flood keeps down from its end"

# Output without line ends, and files that have no end.
printf 'FROM busybox\nRUN head -c %s /dev/zero\n' $([ -n "${WATCHED:-}" ] && echo 100000000 || echo 1700000000) >Dockerfile
small "$DEVC" image build -q . >/dev/null 2>&1 || die "a step without line ends"
for file in Dockerfile .dockerignore; do
  rm -f Dockerfile .dockerignore; printf 'FROM busybox\nCOPY probe /\n' >Dockerfile; ln -sf /dev/zero $file
  small "$DEVC" image build . >out 2>&1 && die "$file without end" || has "$(tail -n 3 out)" "more than" "$file"
done
rm -f Dockerfile .dockerignore
printf 'services: {web: {image: busybox, secrets: [s]}}\nsecrets: {s: {file: /dev/zero}}\n' >compose.yaml
small "$DEVC" create >out 2>&1 && die "a secret without end" || has "$(cat out)" "more than" "the secret"

# Folders in folders, deeper than a process has descriptors.
has "$("$DEVC" container run --name a$$ -v v$$:/v -v "$PWD/probe:/probe:ro" busybox sh -c '/probe deep /tmp 3000; /probe deep /v 3000')" "deep ok" "deep folders"
for how in "container diff a$$" "container export a$$" "container cp a$$:/tmp -"; do
  "$DEVC" $how 2>err >/dev/null || { [ $? = 1 ] && [ -s err ] && ! grep -q "was ended" err; } || die "$how of deep folders: $(cat err)"
done
(ulimit -n 1024; "$DEVC" container rm -f a$$ >/dev/null) || die "a deep container cannot be removed"
(ulimit -n 1024; "$DEVC" volume rm v$$ >/dev/null) || die "a deep volume cannot be removed"
"$DEVC" image rm -f filled$$ >/dev/null
eq "$(kept)" "$before" "containers and volumes afterwards"
