# Debian's docker-registry with a password, with tokens, with TLS, and as a mirror: what may pull and push does, what may not
# says why, and no secret goes where it does not belong. Runs in a network and with an /etc of its own.
if [ -z "${INSIDE:-}" ]; then exec env INSIDE=1 unshare -mn bash -euo pipefail "$0"; fi
. "$TOP/tests/e2e/lib.sh"
work=$PWD
export DEVC_STATE_DIR=$work/state DEVC_RUN_DIR=$work/run DOCKER_CONFIG=$work/docker
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
mount --make-rprivate /
mkdir -p etc/up etc/work
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$work/etc/up,workdir=$work/etc/work" /etc
ip link set lo up
ip address add 10.77.0.1/32 dev lo
printf '127.0.0.1 localhost\n10.77.0.1 registry.test mirror.test auth.test auth.elsewhere.example\n' >/etc/hosts
rm -rf /etc/docker && mkdir -p /etc/docker

pids=
trap 'kill $pids 2>/dev/null; wait 2>/dev/null; umount -l /etc' EXIT
up() { until_ok 20 python3 -c 'import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2]))).close()' "$1" "$2"; }
registry() { # NAME ADDRESS PORT; further configuration on stdin
  { printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\n' "$work/$1.store"
    cat; } >"$1.yml"
  docker-registry serve "$1.yml" >"$1.log" 2>&1 & pids="$pids $!"
  up "$2" "$3"
}
refused() { if "$DEVC" "$@" >out 2>err; then die "must fail: devc $*"; fi; }
says() { has "$(cat err)" "$1" "the message"; }
forget() { "$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc) >/dev/null; }
image() { "$DEVC" image import -c 'CMD ["/hello"]' root.tar "$1" >/dev/null; }
mkdir root && echo hello >root/hello && head -c 3000000 /dev/urandom >root/noise && tar -C root -cf root.tar .

# ---- a password (Basic)
python3 -W ignore -c 'import crypt; print("anna:" + crypt.crypt("pa:ss wörd", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))' >htpasswd
registry basic 127.0.0.1 5001 <<EOF
http: {addr: "127.0.0.1:5001"}
auth: {htpasswd: {realm: tests, path: $work/htpasswd}}
EOF
at=127.0.0.1:5001
image $at/team/app:1
refused image push $at/team/app:1; says "denied"
refused login -u anna -p wrong $at; says "incorrect username or password"
[ ! -e docker/config.json ] || die "a refused login was kept"
refused login --password-stdin $at; says "--username"
refused login -u anna -p a --password-stdin $at; says "mutually exclusive"
eq "$(printf 'pa:ss wörd\n' | "$DEVC" login -u anna --password-stdin $at 2>err)" "Login Succeeded" "login"
says unencrypted
eq "$(stat -c %a docker/config.json)" 600 "mode of config.json"
eq "$("$DEVC" login $at 2>/dev/null </dev/null)" "Login Succeeded" "login with what is kept"
"$DEVC" image push -q $at/team/app:1 >/dev/null
forget
"$DEVC" image pull -q $at/team/app:1 >/dev/null
eq "$("$DEVC" image search --format '{{.Name}}' $at/app)" "$at/team/app" "search by the catalog"
eq "$("$DEVC" logout $at)" "Removing login credentials for $at" "logout"
eq "$("$DEVC" logout $at)" "Not logged in to $at" "second logout"
refused image pull $at/team/app:1; says "devc login"

# A program keeps the password: for all registries, and for one.
mkdir bin keys
cat >bin/docker-credential-keep <<'EOF'
#!/usr/bin/env python3
import json, pathlib, sys
folder, verb, said = pathlib.Path(sys.argv[0]).parent.parent / "keys", sys.argv[1], sys.stdin.read()
place = lambda server: folder / server.strip().replace("/", "_")
if verb == "store": place(json.loads(said)["ServerURL"]).write_text(said)
elif not place(said).exists(): print("credentials not found in native keychain"); sys.exit(1)
elif verb == "get": print(place(said).read_text())
else: place(said).unlink()
EOF
printf '#!/bin/sh\ncat >/dev/null\necho the keychain is locked\nexit 1\n' >bin/docker-credential-broken
chmod +x bin/*
PATH=$work/bin:$PATH
for config in '{"credsStore":"keep","HttpHeaders":{"X":"y"}}' '{"credHelpers":{"'$at'":"keep"},"HttpHeaders":{"X":"y"}}'; do
  printf '%s' "$config" >docker/config.json
  "$DEVC" login -u anna --password-stdin $at >/dev/null 2>err <<<'pa:ss wörd'
  [ ! -s err ] || die "a warning although a program keeps the password: $(cat err)"
  grep -q 'pa:ss' keys/* || die "the program has not got the password"
  ! grep -q 'auth"' docker/config.json || die "the password is in config.json too"
  has "$(cat docker/config.json)" HttpHeaders "what else is in config.json"
  forget; "$DEVC" image pull -q $at/team/app:1 >/dev/null
  "$DEVC" logout $at >/dev/null
  [ -z "$(ls keys)" ] || die "the program still has the password"
done
printf '{"credsStore":"broken"}' >docker/config.json
refused image pull $at/team/app:2; says "the keychain is locked"
printf '{"credsStore":"nowhere"}' >docker/config.json
refused image pull $at/team/app:2; says "docker-credential-nowhere"
rm docker/config.json

# ---- tokens
openssl req -x509 -newkey rsa:2048 -nodes -keyout token.key -out token.crt -days 2 -subj /CN=tests 2>/dev/null
"$TOP/tests/lib/token-server" 10.77.0.1 5010 token.key token.crt & pids="$pids $!"
up 10.77.0.1 5010
tokens() { # NAME PORT REALM
  registry "$1" 10.77.0.1 "$2" <<EOF
http: {addr: "10.77.0.1:$2"}
auth: {token: {realm: "http://$3:5010/token", service: tests, issuer: tests, rootcertbundle: $work/token.crt}}
EOF
}
seen() { python3 -c 'import json,sys,urllib.request; print(json.dumps(json.load(urllib.request.urlopen("http://10.77.0.1:5010/seen"))[-1]))'; }
tokens token 5002 registry.test
at=registry.test:5002
echo '{"insecure-registries": ["10.77.0.0/16", "registry.test:5002"]}' >/etc/docker/daemon.json
image $at/team/app:1
refused image push $at/team/app:1; says "denied"
refused login -u reader -p wrong $at; says "refuses the credentials"
"$DEVC" login -u reader --password-stdin $at >/dev/null 2>&1 <<<secret
! grep -q "$(printf 'reader:secret' | base64)" docker/config.json || die "the password is kept although there is an identity token"
has "$(cat docker/config.json)" refresh-reader "the identity token"
refused image push $at/team/app:1; says "denied"
"$DEVC" login -u writer --password-stdin $at >/dev/null 2>&1 <<<secret
"$DEVC" image push -q $at/team/app:1 >/dev/null
has "$(seen | sed s/push,pull/pull,push/)" "repository:team/app:pull,push" "the scope of a push, in the order that the registry chose"
# The layer is in another repository of the registry: mounted, and the token is asked for both.
"$DEVC" image tag $at/team/app:1 $at/other/app:1
has "$(COMPOSE_PROGRESS=plain "$DEVC" image push $at/other/app:1 2>&1)" "Mounted from team/app" "cross-repository mount"
has "$(seen)" "repository:team/app:pull" "the scope of the other repository"
has "$(COMPOSE_PROGRESS=plain "$DEVC" image push $at/other/app:1 2>&1)" "Layer already exists" "a second push"
forget
"$DEVC" login -u reader --password-stdin $at >/dev/null 2>&1 <<<secret
"$DEVC" image pull -q $at/other/app:1 >/dev/null
eq "$(cat "$DEVC_STATE_DIR"/layers/*/hello)" hello "what was pulled"

# A realm of somebody else gets no password, unless the administrator says so.
tokens elsewhere 5003 auth.elsewhere.example
at=registry.test:5003
echo '{"insecure-registries": ["registry.test"]}' >/etc/docker/daemon.json
printf '{"auths":{"%s":{"auth":"%s"}}}' $at "$(printf writer:secret | base64)" >docker/config.json
image $at/a:1
refused image push $at/a:1; says "credential-realms"
has "$(seen)" '"authorization": ""' "nothing for the foreign realm"
mkdir -p /etc/devc
echo '{"credential-realms": ["auth.elsewhere.example"]}' >/etc/devc/config.json
"$DEVC" image push -q $at/a:1 >/dev/null
rm -r /etc/devc

# ---- TLS with an authority of one's own, and a certificate for the client
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=authority 2>/dev/null
certificate() { # NAME SUBJECT EXTENSIONS
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out "$1.cert" -extfile <(echo "$3") 2>/dev/null
}
certificate server registry.test "subjectAltName=DNS:registry.test,DNS:mirror.test,IP:127.0.0.1"
certificate client somebody "extendedKeyUsage=clientAuth"
registry tls 10.77.0.1 5004 <<EOF
http: {addr: "10.77.0.1:5004", tls: {certificate: $work/server.cert, key: $work/server.key}}
EOF
registry mutual 10.77.0.1 5005 <<EOF
http: {addr: "10.77.0.1:5005", tls: {certificate: $work/server.cert, key: $work/server.key, clientcas: [$work/ca.crt]}}
EOF
registry local 127.0.0.1 5006 <<EOF
http: {addr: "127.0.0.1:5006", tls: {certificate: $work/server.cert, key: $work/server.key}}
EOF
rm /etc/docker/daemon.json
image registry.test:5004/a:1
refused image push registry.test:5004/a:1; says "certs.d/registry.test:5004/ca.crt"
mkdir -p /etc/docker/certs.d/registry.test:5004 /etc/devc/certs.d/registry.test:5005
cp ca.crt /etc/docker/certs.d/registry.test:5004/ca.crt
"$DEVC" image push -q registry.test:5004/a:1 >/dev/null
"$DEVC" image tag registry.test:5004/a:1 registry.test:5005/a:1
cp ca.crt /etc/devc/certs.d/registry.test:5005/authority.crt
refused image push registry.test:5005/a:1
cp client.cert /etc/devc/certs.d/registry.test:5005/
refused image push registry.test:5005/a:1; says "lacks its key"
cp client.key /etc/devc/certs.d/registry.test:5005/
"$DEVC" image push -q registry.test:5005/a:1 >/dev/null
forget
"$DEVC" image pull -q registry.test:5005/a:1 >/dev/null
# Certificates are not asked for on this machine itself, as with docker; and of registries that are named insecure.
"$DEVC" image tag registry.test:5005/a:1 127.0.0.1:5006/a:1
"$DEVC" image push -q 127.0.0.1:5006/a:1 >/dev/null
rm -r /etc/docker/certs.d
echo '{"insecure-registries": ["registry.test:5004"]}' >/etc/docker/daemon.json
forget
"$DEVC" image pull -q registry.test:5004/a:1 >/dev/null

# ---- mirrors of docker.io: dead ones are passed over, what none of them has comes from the registry itself
registry mirror 10.77.0.1 5007 <<EOF
http: {addr: "10.77.0.1:5007"}
EOF
echo '{"insecure-registries": ["10.77.0.1:5007"]}' >/etc/docker/daemon.json
image 10.77.0.1:5007/library/mirrored:1
"$DEVC" image push -q 10.77.0.1:5007/library/mirrored:1 >/dev/null
forget
echo '{"registry-mirrors": ["http://10.77.0.1:1/", "http://10.77.0.1:5007"]}' >/etc/docker/daemon.json
printf '{"auths":{"https://index.docker.io/v1/":{"auth":"%s"}}}' "$(printf hub:secret | base64)" >docker/config.json
eq "$("$DEVC" image pull -q mirrored:1)" docker.io/library/mirrored:1 "a pull through the mirror"
has "$("$DEVC" image inspect -f '{{index .RepoDigests 0}}' mirrored:1)" mirrored@sha256: "its digest"
refused image pull other:1; says "http://10.77.0.1:1"; says "http://10.77.0.1:5007"; says "not found"
echo '{"registry-mirrors": "http://10.77.0.1:5007"}' >/etc/docker/daemon.json
refused image pull mirrored:1; says "/etc/docker/daemon.json: registry-mirrors is not a list"

# ---- a proxy from the environment: for others, never for this machine
rm /etc/docker/daemon.json
python3 - <<'EOF' & pids="$pids $!"
import http.server
class Proxy(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_CONNECT(self):
        open("proxied", "a").write(self.path + "\n"); self.send_error(502)
http.server.HTTPServer(("127.0.0.1", 5008), Proxy).serve_forever()
EOF
up 127.0.0.1 5008
export HTTPS_PROXY=http://127.0.0.1:5008 HTTP_PROXY=http://127.0.0.1:5008
refused image pull registry.test:5004/a:1
eq "$(head -1 proxied)" registry.test:5004 "what the proxy was asked for"
image 127.0.0.1:5006/b:1
"$DEVC" image push -q 127.0.0.1:5006/b:1 >/dev/null
rm proxied
NO_PROXY=registry.test refused image pull registry.test:5004/a:1
[ ! -e proxied ] || die "NO_PROXY was not heard"
