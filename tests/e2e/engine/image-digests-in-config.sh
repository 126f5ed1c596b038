# `config --resolve-image-digests` and `--lock-image-digests` ask the registry, and print what Docker Compose prints.
. "$TOP/tests/e2e/lib.sh"
port=$(free_port); at=127.0.0.1:$port
printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$PWD/store" $at >registry.yml
docker-registry serve registry.yml >registry.log 2>&1 & trap 'kill $!; "$DEVC" image rm -f $at/team/app:1 >/dev/null 2>&1 || true' EXIT
until_ok 20 curl -fs "http://$at/v2/"
mkdir root && echo x >root/x && tar -C root -cf root.tar .
"$DEVC" image import root.tar $at/team/app:1 >/dev/null
"$DEVC" image push -q $at/team/app:1 >/dev/null
digest=$("$DEVC" image inspect -f '{{index .RepoDigests 0}}' $at/team/app:1); digest=${digest##*@}
other=sha256:$(printf 'a%.0s' $(seq 64))
cat >compose.yaml <<EOF
services:
  one: {image: "$at/team/app:1"}
  pinned: {image: "busybox:1@$other"}
  made: {build: .}
EOF
eq "$("$DEVC" config --lock-image-digests)" "services:
  made: {}
  one:
    image: $at/team/app:1@$digest
  pinned:
    image: docker.io/library/busybox@$other" "the override file"
"$DEVC" config --lock-image-digests -o lock.yaml
has "$("$DEVC" -f compose.yaml -f lock.yaml config)" "image: $at/team/app:1@$digest" "the override laid over the file"
has "$("$DEVC" config --resolve-image-digests)" "image: $at/team/app:1@$digest" "resolved"
has "$("$DEVC" config --resolve-image-digests --format json)" "\"image\": \"docker.io/library/busybox@$other\"" "resolved, as JSON"
echo "services: {one: {image: \"$at/team/app:2\"}}" >missing.yaml
fails "$DEVC" -f missing.yaml config --resolve-image-digests -q
has "$(cat out.log)" "cannot resolve $at/team/app:2: manifest for team/app:2 not found" "the error"
