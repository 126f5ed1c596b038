# What runs in a container never gets a descriptor with which it could overwrite the engine's programs (CVE-2019-5736).
. "$TOP/tests/security/lib.sh"
build_probe
bin=$(dirname "$DEVC")
sums() { sha256sum "$bin"/devc "$bin"/devc-monitor "$bin"/devc-transfer; }
before=$(sums)
trap '"$DEVC" down -t 0' EXIT
cat >compose.yaml <<'Y'
services:
  web: {image: busybox, command: /probe executables, pid: host, volumes: [./probe:/probe:ro], privileged: true}
  plain: {image: busybox, command: /probe executables, volumes: [./probe:/probe:ro]}
Y
"$DEVC" up -d plain
for round in $(seq 30); do
  "$DEVC" exec -T plain true
  "$DEVC" exec -T --privileged plain true
done
eq "$("$DEVC" logs --no-log-prefix plain)" "" "programs that could be opened for writing"
# As the entry point, and as the interpreter of a script that exec is made to run.
printf 'FROM busybox\nRUN ln -s /proc/self/exe /entry && printf "#!/proc/self/exe\\n" >/bin/tool && chmod +x /bin/tool\nENTRYPOINT ["/entry"]\n' >Dockerfile
"$DEVC" image build -q -t exe$$ . >/dev/null
for how in "" "--entrypoint /bin/tool" "--entrypoint /proc/self/exe"; do
  "$DEVC" container run --rm $how exe$$ sh -c 'echo overwritten >/proc/self/exe' >out.log 2>&1 || true
  eq "$(sums)" "$before" "the programs after run $how"
done
# It is loaded once more by execution of /proc/self/exe: what it is then must be read-only.
"$DEVC" container run -d --name exe$$ --entrypoint sh exe$$ -c 'sleep 100' >/dev/null
"$DEVC" container exec exe$$ /bin/tool >out.log 2>&1 || true
"$DEVC" container rm -f exe$$ >/dev/null
eq "$(sums)" "$before" "the programs in the end"
"$DEVC" down -t 0; "$DEVC" image rm -f exe$$ >/dev/null
