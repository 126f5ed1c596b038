# `build --print`, `build --check`, and what `build:` says of caches and rights.
. "$TOP/tests/e2e/lib.sh"
mkdir web other && printf 'FROM busybox\nRUN echo 1 >/one\nLABEL a=b\n' >web/Dockerfile
cat >compose.yaml <<'C'
name: shop
services:
  web:
    image: shop/web:1
    build: {context: web, args: {A: "1", UNSET_HERE: }, tags: [x:1], secrets: [word], additional_contexts: {o: ./other, b: service:the.base}, ulimits: {nofile: 100}, extra_hosts: ["h:1.2.3.4"]}
  the.base: {build: {dockerfile_inline: "FROM scratch"}}
secrets: {word: {file: ./word}}
C
unset COMPOSE_PROJECT_NAME
before=$("$DEVC" image ls -q | wc -l)
"$DEVC" build --print --push >printed.json
python3 - <<'P'
import json, os
here, file = os.getcwd(), json.load(open("printed.json"))
assert sorted(file["group"]["default"]["targets"]) == ["the_base", "web"], file
web, base = file["target"]["web"], file["target"]["the_base"]
assert web["contexts"] == {"o": here + "/other", "b": "target:the_base"}, web
assert web["args"] == {"A": "1"} and web["tags"] == ["shop/web:1", "x:1"], web
assert web["secret"] == [f"id=word,type=file,src={here}/word"] and web["extra-hosts"] == {"h": "1.2.3.4"}, web
assert web["output"] == ["type=registry"] and base["output"] == ["type=docker"], file
assert web["dockerfile"] == here + "/web/Dockerfile" and base["dockerfile-inline"] == "FROM scratch", file
P
eq "$("$DEVC" image ls -q | wc -l)" "$before" "images after --print"

has "$("$DEVC" build --check web)" 'Check complete, no warnings found' "the check"
printf 'from busybox\nRUN echo 1\n' >web/Dockerfile
fails "$DEVC" build --check; has "$(cat out.log)" ConsistentInstructionCasing "the findings"

# The image says whose it is.
printf 'FROM busybox\nRUN --security=insecure cat /proc/self/status >/status\n' >web/Dockerfile
echo secret >word
fails "$DEVC" build web; has "$(cat out.log)" 'security.insecure' "what grants it"
sed -i 's/context: web,/context: web, privileged: true, cache_to: ["type=local,dest=kept", type=gha], cache_from: ["type=local,src=kept"],/' compose.yaml
"$DEVC" build web >out.log 2>&1
has "$("$DEVC" image inspect -f '{{json .Config.Labels}}' shop/web:1)" '"com.docker.compose.project":"shop"' "labels"
[ -s kept/devc-cache.tar ] || die "no cache was written"
"$DEVC" container run --rm shop/web:1 grep -q '^CapBnd:.*[^0]' /status
[ "$("$DEVC" container run --rm shop/web:1 sed -n 's/^CapBnd:\t//p' /status)" = "$(sed -n 's/^CapBnd:\t//p' /proc/self/status)" ] || die "not all capabilities"
