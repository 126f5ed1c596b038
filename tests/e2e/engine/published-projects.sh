# Compose files in a real registry (Debian's docker-registry): published, started from there, included, pinned.
. "$TOP/tests/e2e/lib.sh"
unset COMPOSE_PROJECT_NAME
port=$(free_port); at=127.0.0.1:$port
printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s/registry}}\nhttp: {addr: "%s"}\n' "$PWD" "$at" >registry.yml
docker-registry serve registry.yml 2>registry.log & trap "kill $!" EXIT
until_ok 20 curl -fs "http://$at/v2/"
manifest() { curl -fsH 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$at/v2/team/app/manifests/$1"; }
sees() { python3 -c 'import json, sys; print(eval(sys.argv[1], {"m": json.load(sys.stdin)}))' "$1"; }

mkdir app && cd app
cat >compose.yaml <<'YAML'
name: published-app
services:
  web:
    image: busybox
    command: [sleep, "1000"]
    init: true
    env_file: web.env
    environment: {SHELL_VALUE: "${VALUE:-none}"}
YAML
echo 'services: {web: {labels: {over: "1"}}}' >compose.override.yaml
echo FROM_FILE=1 >web.env

# Nothing private without a question; nobody answers here.
status=0; "$DEVC" publish "$at/team/app:1" </dev/null >../out.log 2>&1 || status=$?
eq "$status" 130 "the status without an answer"
has "$(cat ../out.log)" "service web: the contents of its env_file" "what would be published"
fails manifest 1
"$DEVC" --dry-run publish -y "$at/team/app:1" >/dev/null
fails manifest 1
"$DEVC" publish --with-env "$at/team/app:1"
eq "$(manifest 1 | sees 'm["artifactType"]')" application/vnd.docker.compose.project "its type"
eq "$(manifest 1 | sees '[l["mediaType"].split(".")[-1] for l in m["layers"]]')" "['file+yaml', 'file+yaml', 'envfile']" "its files"
"$DEVC" publish -y --oci-version 1.0 "$at/team/app:old"
eq "$(manifest old | sees 'm["config"]["mediaType"], "artifactType" in m')" "('application/vnd.docker.compose.config.empty.v1+json', False)" "its type in version 1.0"

# Started from the registry, by a tag and by a digest, without the files.
mkdir ../empty && cd ../empty
VALUE=here "$DEVC" -f "oci://$at/team/app:1" up -d
eq "$("$DEVC" -p published-app exec -T web sh -c 'echo $FROM_FILE $SHELL_VALUE')" "1 here" "the environment of what was published"
"$DEVC" -p published-app down -t 0
digest=$(curl -fsI -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$at/v2/team/app/manifests/old" | tr -d '\r' | sed -n 's/^Docker-Content-Digest: //Ip')
has "$("$DEVC" -f "oci://$at/team/app@$digest" config 2>&1)" 'over: "1"' "the override of what was published"

# Included only where that is enabled.
echo "include: ['oci://$at/team/app:1']" >compose.yaml
fails "$DEVC" config; has "$(cat out.log)" "compose.yaml:1:11" "the place of what is not enabled"
export COMPOSE_EXPERIMENTAL_OCI_REMOTE=true
has "$("$DEVC" config 2>err.log)" "FROM_FILE" "an included project"
eq "$(grep -c "$at/team/app:1 is at sha256:" err.log)" 1 "which one was included"
echo "include: ['oci://$at/team/none:1']" >compose.yaml
fails "$DEVC" config; has "$(cat out.log)" "not found" "what is not there"
"$DEVC" image tag busybox "$at/team/image:1" && "$DEVC" image push -q "$at/team/image:1" >/dev/null
echo "include: ['oci://$at/team/image:1']" >compose.yaml
fails "$DEVC" config; has "$(cat out.log)" "it is an image" "an image is none"

# What others could not start is refused.
cd ../app; rm compose.override.yaml
echo 'services: {a: {build: .}}' >compose.yaml; fails "$DEVC" publish -y "$at/team/app:2"; has "$(cat out.log)" "build section" "only a build section"
echo 'include: [other.yaml]' >compose.yaml; echo 'services: {a: {image: busybox}}' >other.yaml
fails "$DEVC" publish -y "$at/team/app:2"; has "$(cat out.log)" "compose.yaml:1:11" "the place of a local include"
