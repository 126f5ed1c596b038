# What registries do that is right but easily misunderstood: short tokens, redirects, several challenges, broken uploads.
. "$TOP/tests/e2e/lib.sh"
export DEVC_STATE_DIR=$PWD/state DEVC_RUN_DIR=$PWD/run DOCKER_CONFIG=$PWD/docker
port=$(free_port); at=127.0.0.1:$port
"$TOP/tests/lib/registry-double" "$port" & trap "kill $!" EXIT
until_ok 20 curl -fs "http://$at/v2/"
seen() { curl -fs "http://$at/seen" | python3 -c 'import json, sys; print(eval(sys.argv[1], {"seen": json.load(sys.stdin)}))' "$1"; }
pulls() { "$DEVC" image pull -q "$at/$1:1" >/dev/null; eq "$(cat "$DEVC_STATE_DIR"/layers/*/file4 | wc -c)" 10000 "$1"; "$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc | sort -u) >/dev/null; }
mkdir -p docker; printf '{"auths":{"%s":{"auth":"%s"}}}' "$at" "$(printf me:secret | base64)" >docker/config.json

# One after the other, so that no request uses up the token of another one.
mkdir config; echo '{"max-concurrent-downloads": 1}' >config/config.json
DEVC_CONFIG_DIR=$PWD/config pulls short-tokens
[ "$(seen 'sum(one["path"].startswith("/token") for one in seen)')" -ge 4 ] || die "a token was used longer than it is good"
pulls two-schemes
eq "$(seen '[one["authorization"] for one in seen if "two-schemes/manifests" in one["path"]][-1][:7]')" "Bearer " "the better of two schemes"
pulls other-host
eq "$(seen 'sum(one["host"].startswith("127.0.0.2") for one in seen)')" 6 "blobs that came from the other host"
eq "$(seen '[one["authorization"] for one in seen if one["host"].startswith("127.0.0.2") and one["authorization"]]')" "[]" "credentials for the other host"
pulls foreign
eq "$(seen '[one["authorization"] for one in seen if one["path"] == "/elsewhere"]')" "[None]" "a foreign layer comes without credentials"
fails "$DEVC" image pull -q "$at/schema1:1"; has "$(cat out.log)" "schema 1" "what is said of schema 1"

printf 'services: {a: {image: "%s/refuses-head:1"}}\n' "$at" >compose.yaml
has "$("$DEVC" config --lock-image-digests)" "$at/refuses-head:1@sha256:" "a digest without HEAD"

mkdir root; head -c 2000000 /dev/urandom >root/noise; tar -C root -cf root.tar .
"$DEVC" image import root.tar "$at/breaks:1" >/dev/null
"$DEVC" image push -q "$at/breaks:1" >/dev/null
eq "$(seen '[one["range"].split("-")[0] for one in seen if one["method"] == "PATCH" and one["range"]]')" "['500000', '1000000']" "where a broken upload goes on"
