#!/bin/sh
# A real registry (Debian's docker-registry) on loopback: filled with skopeo, pulled, pushed back, saved and loaded by
# $DEVC. Needs root, docker-registry, skopeo, busybox-static, python3. Leaves nothing behind.
set -u
: "${DEVC:?set DEVC to the program}"
work=$(mktemp -d)
export DEVC_STATE_DIR=$work/state DEVC_RUN_DIR=$work/run DOCKER_CONFIG=$work/docker NO_COLOR=1 COMPOSE_PROGRESS=quiet
registry=
finish() {
    status=$?
    [ -z "$registry" ] || { kill "$registry"; wait "$registry"; } 2>/dev/null || true
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM
die() { echo "registry.sh: $*" >&2; [ -s "$work/err" ] && sed 's/^/  /' "$work/err" >&2; exit 1; }
eq() { [ "$1" = "$2" ] || die "$3: want '$2', got '$1'"; }
dc() { "$DEVC" "$@" 2>"$work/err"; }
ok() { "$DEVC" "$@" >"$work/out" 2>"$work/err" || die "failed: devc $*"; }
refused() { "$DEVC" "$@" >"$work/out" 2>"$work/err" && die "must fail: devc $*"; [ -s "$work/err" ] || die "no message: devc $*"; }

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/registry.yml" <<EOF
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port"}
EOF
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
registry=$!
python3 - "$port" <<'EOF' || die "the registry did not start: $(cat "$work/registry.log")"
import socket, sys, time
for _ in range(200):
    try: socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close(); sys.exit(0)
    except OSError: time.sleep(0.05)
sys.exit(1)
EOF
at=127.0.0.1:$port

# An OCI image of two layers with what layers can hold: hard links, set-user-id, owners, whiteouts, an opaque folder.
python3 - "$work" "$(readlink -f "$(command -v busybox)")" <<'EOF' || die "could not make the images"
import gzip, hashlib, io, json, os, sys, tarfile
work, busybox = sys.argv[1:]
def tar(entries):
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, kind, data, more in entries:
            e = tarfile.TarInfo(name); e.mtime = 1700000000; e.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644; e.type = kind
            if kind == tarfile.REGTYPE: e.size = len(data)
            else: e.linkname = data.decode()
            for k, v in more.items(): setattr(e, k, v)
            t.addfile(e, io.BytesIO(data if kind == tarfile.REGTYPE else b""))
    return b.getvalue()
D, R, L, S = tarfile.DIRTYPE, tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE
shell = open(busybox, "rb").read()
one = tar([("bin/", D, b"", {}), ("bin/sh", R, shell, {"mode": 0o755}), ("bin/ls", L, b"bin/sh", {}), ("bin/link", S, b"sh", {}), ("su", R, b"x", {"mode": 0o4755}),
           ("owned", R, b"x", {"uid": 1234, "gid": 4321}), ("gone", R, b"x", {}), ("d/", D, b"", {"mode": 0o700}), ("d/old", R, b"x", {})])
two = tar([(".wh.gone", R, b"", {}), ("d/", D, b"", {"mode": 0o750}), ("d/.wh..wh..opq", R, b"", {}), ("d/new", R, b"y", {}), ("big", R, os.urandom(1 << 16) * 64, {})])
sha = lambda b: "sha256:" + hashlib.sha256(b).hexdigest()
blobs, O = {}, "application/vnd.oci.image."
def put(b): blobs[sha(b)] = b; return {"digest": sha(b), "size": len(b)}
def image(architecture, layers, env):
    config = put(json.dumps({"architecture": architecture, "os": "linux", "config": {"Env": [env], "Cmd": ["sh"], "Labels": {"l": "v"}},
                             "rootfs": {"type": "layers", "diff_ids": [sha(l) for l in layers]}, "history": []}).encode())
    m = {"schemaVersion": 2, "mediaType": O + "manifest.v1+json", "config": {"mediaType": O + "config.v1+json", **config},
         "layers": [{"mediaType": O + "layer.v1.tar+gzip", **put(gzip.compress(l, mtime=0))} for l in layers]}
    return {"mediaType": O + "manifest.v1+json", **put(json.dumps(m).encode()), "platform": {"os": "linux", "architecture": architecture}}
amd, arm = image("amd64", [one, two], "WHO=amd64"), image("arm64", [two], "WHO=arm64")
index = put(json.dumps({"schemaVersion": 2, "mediaType": O + "index.v1+json", "manifests": [arm, amd]}).encode())
for name, top in (("oci", {"mediaType": O + "manifest.v1+json", **{k: amd[k] for k in ("digest", "size")}}), ("oci-multi", {"mediaType": O + "index.v1+json", **index})):
    os.makedirs(f"{work}/{name}/blobs/sha256")
    for d, b in blobs.items(): open(f"{work}/{name}/blobs/sha256/{d[7:]}", "wb").write(b)
    open(f"{work}/{name}/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
    open(f"{work}/{name}/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [{**top, "annotations": {"org.opencontainers.image.ref.name": "latest"}}]}))
EOF
copy() { skopeo copy -q --insecure-policy --dest-tls-verify=false "$@" >"$work/out" 2>"$work/err" || die "skopeo copy $*"; }
copy "oci:$work/oci:latest" "docker://$at/team/app:1"
copy --all "oci:$work/oci-multi:latest" "docker://$at/multi:latest"
copy --format v2s2 "oci:$work/oci:latest" "docker://$at/docker-types:1"

layer() { dc image inspect --format "{{index .RootFS.Layers $2}}" "$1"; }
# The unpacked tree of an image, its lowest layer first.
folders() { python3 -c '
import hashlib, sys
chain = ""
for diff in sys.argv[2:]:
    chain = diff[7:] if not chain else hashlib.sha256(f"sha256:{chain} {diff}".encode()).hexdigest()
    print(sys.argv[1] + "/layers/" + chain)' "$DEVC_STATE_DIR" "$@"; }

# pull: OCI types, twice; docker types share the layers; an index by platform; by digest.
[ "$(dc image pull -q "$at/team/app:1")" = "$at/team/app:1" ] || die "pull"
ok image pull "$at/team/app:1"
id=$(dc image inspect --format '{{.Id}}' "$at/team/app:1")
set -- $(folders "$(layer "$at/team/app:1" 0)" "$(layer "$at/team/app:1" 1)")
[ -d "$1" ] && [ -d "$2" ] || die "layers are not unpacked: $*"
eq "$(stat -c '%a %u %g %h' "$1/bin/sh")" "755 0 0 2" "hard links"
eq "$(stat -c %i "$1/bin/ls")" "$(stat -c %i "$1/bin/sh")" "one inode"
eq "$(readlink "$1/bin/link")" sh "symbolic link"
eq "$(stat -c %a "$1/su")" 4755 "set-user-id"
eq "$(stat -c '%u %g %Y' "$1/owned")" "1234 4321 1700000000" "owner and time"
eq "$(stat -c '%F %t %T' "$2/gone")" "character special file 0 0" "whiteout"
eq "$(python3 -c 'import os,sys; print(os.getxattr(sys.argv[1], "trusted.overlay.opaque").decode())' "$2/d")" y "opaque folder"
[ -e "$2/d/.wh..wh..opq" ] && die "the opaque marker became a file"
eq "$(stat -c %a "$1")" 755 "mode of a layer's root"
layers=$(ls "$DEVC_STATE_DIR/layers" | wc -l)
ok image pull "$at/docker-types:1"
eq "$(ls "$DEVC_STATE_DIR/layers" | wc -l)" "$layers" "layers are shared"
ok image pull "$at/multi"
eq "$(dc image inspect --format '{{.Architecture}}' "$at/multi")" "$(dpkg --print-architecture)" "this machine's platform"
ok image pull --platform linux/arm64 "$at/multi"
eq "$(dc image inspect --format '{{.Architecture}} {{index .Config.Env 0}}' "$at/multi")" "arm64 WHO=arm64" "--platform"
refused image pull --platform linux/s390x "$at/multi"
digest=$(dc image inspect --format '{{index .RepoDigests 0}}' "$at/team/app:1")
ok image pull "$digest"
eq "$(dc image inspect --format '{{.Id}}' "$digest")" "$id" "pull by digest"
refused image pull "$at/team/app:no-such-tag"
refused image pull "$at/none/such"

# push, and what others see of it.
ok image tag "$at/team/app:1" "$at/pushed/again:2"
ok image push "$at/pushed/again:2"
eq "$(skopeo inspect --raw --tls-verify=false "docker://$at/pushed/again:2" | sha256sum)" \
   "$(skopeo inspect --raw --tls-verify=false "docker://$at/team/app:1" | sha256sum)" "push keeps the manifest"
tar -C "$1" -cf "$work/root.tar" bin
ok image import -c 'CMD ["/bin/sh"]' "$work/root.tar" "$at/imported:1"
ok image push "$at/imported:1"
skopeo copy -q --insecure-policy --src-tls-verify=false "docker://$at/imported:1" "dir:$work/dir" >"$work/out" 2>"$work/err" || die "skopeo reads what was pushed"

# save and load: the same images; skopeo reads and writes the archive too.
ok image save -o "$work/saved.tar" "$at/team/app:1" "$at/imported:1"
skopeo inspect "docker-archive:$work/saved.tar:$at/team/app:1" >"$work/out" 2>"$work/err" || die "skopeo reads the archive"
imported=$(dc image inspect --format '{{.Id}}' "$at/imported:1")
ok image rm -f $(dc image ls -q --no-trunc)
eq "$(dc image ls -q)" "" "all removed"
eq "$(ls "$DEVC_STATE_DIR/layers" "$DEVC_STATE_DIR/blobs/sha256" "$DEVC_STATE_DIR/tmp" | grep -c '^[0-9a-f]')" 0 "removal frees layers and blobs"
ok image load -i "$work/saved.tar"
eq "$(dc image inspect --format '{{.Id}}' "$at/team/app:1")" "$id" "id after save and load"
eq "$(dc image inspect --format '{{.Id}}' "$at/imported:1")" "$imported" "id of the imported one"
skopeo copy -q --insecure-policy "oci:$work/oci:latest" "docker-archive:$work/skopeo.tar:from/skopeo:1" >"$work/out" 2>"$work/err" || die "skopeo writes an archive"
ok image load -i "$work/skopeo.tar"
eq "$(dc image inspect --format '{{index .Config.Env 0}}' from/skopeo:1)" WHO=amd64 "docker-archive of skopeo"

# A damaged blob in the registry is refused and leaves nothing.
ok image rm -f $(dc image ls -q --no-trunc)
digest=$(ls -S "$work/oci/blobs/sha256" | head -1)
blob=$(find "$work/registry" -path "*/blobs/sha256/*/$digest/data")
size=$(stat -c %s "$blob")
dd if=/dev/zero of="$blob" bs=1 seek=$((size / 2)) count=64 conv=notrunc 2>/dev/null
refused image pull "$at/team/app:1"
eq "$(dc image ls -q)" "" "nothing of a damaged image"
eq "$(ls "$DEVC_STATE_DIR/layers" | wc -l)" 0 "no layer of a damaged image"
echo "registry.sh: ok"
