# Images from skopeo, umoci and docker to devc and back: equal configuration, layers, and files with all that they have.
# docker takes part where dockerd is installed.
if [ -z "${INSIDE:-}" ]; then exec env INSIDE=1 unshare -m bash -euo pipefail "$0"; fi
. "$TOP/tests/e2e/lib.sh"
work=$PWD
export DEVC_STATE_DIR=$work/state DEVC_RUN_DIR=$work/run DOCKER_CONFIG=$work/docker
pids=
trap 'kill $pids 2>/dev/null || true; wait; umount -R "$work"/dockerd/* 2>/dev/null || true' EXIT
mount --make-rprivate /
describe() { "$TOP/tests/lib/describe-tree" "$@"; }
same() { # WHAT EXPECTED GIVEN
  # Most tools write the holes of sparse files out; what devc itself does about them is looked at apart.
  diff <(sed 's/ sparse/ full/' "$2") <(sed 's/ sparse/ full/' "$3") >difference || die "$1: $(head -20 difference)"
}
quietly() { "$@" >said 2>&1 || die "$*: $(cat said)"; }
skopeo_copy() { quietly skopeo copy -q --insecure-policy --src-tls-verify=false --dest-tls-verify=false "$@"; }

# Two layers with everything that is easily lost.
mkdir -p one/dir/deep one/hidden one/replaced two/dir two/hidden
long=$(printf 'n%.0s' $(seq 180)); mkdir -p "one/$long"
python3 - <<'EOF'
import os, socket, stat, struct
def write(path, data=b"x"):
    with open(path, "wb") as f: f.write(data)
write("one/su"); os.chown("one/su", 10, 20); os.chmod("one/su", 0o6755)
os.chmod("one/dir", 0o1777)
write("one/owned"); os.chown("one/owned", 123456, 4000000000)
write("one/first", b"linked"); os.link("one/first", "one/dir/second"); os.link("one/first", "one/dir/third")
write("one/" + "n" * 180 + "/" + "f" * 200)
write("one/attributes"); os.setxattr("one/attributes", "user.note", b"\0binary\xff")
write("one/capable"); os.setxattr("one/capable", "security.capability", struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0))
os.symlink("/absolute/nowhere", "one/link"); os.symlink("../../up", "one/dir/link")
os.mknod("one/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3)); os.mknod("one/block", 0o600 | stat.S_IFBLK, os.makedev(7, 200)); os.mkfifo("one/fifo", 0o640)
with open("one/sparse", "wb") as f: f.truncate(64 << 20); f.seek(20 << 20); f.write(b"island")
for name in ("gone", "dir/gone", "hidden/old", "replaced/inside", "plain"): write("one/" + name, b"old")
write("one/empty", b"")
write(b"two/bytes-\xff\xfe-\xe4", b"not UTF-8"); write("two/ümläut ünd blank"); write("two/new\nline")
for name in (".wh.gone", "dir/.wh.gone", "hidden/.wh..wh..opq"): write("two/" + name, b"")
write("two/hidden/new"); write("two/replaced", b"a file now"); write("two/plain", b"new")
os.utime("two/plain", (1, 1234567890))
EOF
for layer in one two; do tar -C $layer --format=posix --xattrs '--xattrs-include=*' --sparse --sort=name -cf $layer.tar .; done
rm two.tar; tar -C two --format=gnu --sort=name -cf two.tar .   # names that are no UTF-8 are no pax
python3 - <<'EOF'
import gzip, hashlib, json, os
blobs = {}
def put(data, kind):
    digest = "sha256:" + hashlib.sha256(data).hexdigest(); blobs[digest] = data
    return {"mediaType": "application/vnd.oci.image." + kind, "digest": digest, "size": len(data)}
layers = [open(name + ".tar", "rb").read() for name in ("one", "two")]
config = {"created": "2024-05-06T07:08:09Z", "author": "tests", "architecture": "amd64", "os": "linux",
          "config": {"Env": ["PATH=/bin", "UMLAUT=ä"], "Cmd": ["/plain"], "Labels": {"a.b": "c"}, "ExposedPorts": {"80/tcp": {}}, "User": "1:2",
                     "Volumes": {"/v": {}}, "WorkingDir": "/dir", "StopSignal": "SIGINT"},
          "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]},
          "history": [{"created": "2024-05-06T07:08:09Z", "created_by": "one"}, {"created_by": "ENV", "empty_layer": True}, {"created_by": "two"}]}
manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": put(json.dumps(config).encode(), "config.v1+json"),
            "layers": [put(gzip.compress(l, mtime=0), "layer.v1.tar+gzip") for l in layers]}
top = put(json.dumps(manifest).encode(), "manifest.v1+json")
top["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
os.makedirs("oci/blobs/sha256")
for digest, data in blobs.items(): open("oci/blobs/sha256/" + digest[7:], "wb").write(data)
open("oci/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
open("oci/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [top]}))
EOF
config_of() { skopeo inspect --config --raw "$1" | python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin), sort_keys=True))'; }
config_of oci:oci:latest >config.expected

# What devc has: the layers of its store, one over the other.
mounted() { # IMAGE
  local lowers= diff chain=
  for diff in $("$DEVC" image inspect -f '{{range .RootFS.Layers}}{{.}} {{end}}' "$1"); do
    if [ -z "$chain" ]; then chain=${diff#sha256:}; else chain=$(printf 'sha256:%s %s' "$chain" "$diff" | sha256sum | cut -d' ' -f1); fi
    lowers=$DEVC_STATE_DIR/layers/$chain${lowers:+:$lowers}
  done
  case $lowers in *:*) ;; *) mkdir -p empty; lowers=$lowers:$work/empty ;; esac
  mkdir -p merged; umount merged 2>/dev/null || true; mount -t overlay overlay -o "lowerdir=$lowers" merged
}
unpacked() { rm -rf bundle; quietly umoci unpack --image "$1" bundle; } # OCI-LAYOUT:TAG -> bundle/rootfs
unpacked oci:latest
describe bundle/rootfs >files.expected
grep -q 'user.note' files.expected && grep -q "security.capability" files.expected && grep -q "is b'dir/second'" files.expected || die "the test image lacks something"
! grep -q "gone\|hidden/old\|\.wh\." files.expected || die "umoci did not apply the whiteouts"

# ---- skopeo -> devc: both archives, a layout's tar, from stdin; and umoci's view of what devc saves
skopeo_copy oci:oci:latest docker-archive:docker.tar:from/skopeo:1
skopeo_copy oci:oci:latest oci-archive:layout.tar:latest
"$DEVC" image load -q -i docker.tar >/dev/null
mounted from/skopeo:1; describe merged >files.docker-archive
same "files of skopeo's docker-archive" files.expected files.docker-archive
grep -q "sparse.* sparse" files.docker-archive || die "the holes of the sparse file were filled"
eq "$("$DEVC" image load <layout.tar | cut -d: -f1)" "Loaded image ID" "an archive without a name"
id=$("$DEVC" image ls -q --no-trunc --filter dangling=true | head -1)
[ -n "$id" ] || id=$("$DEVC" image inspect -f '{{.Id}}' from/skopeo:1)
"$DEVC" image tag "$id" layout:1
mounted layout:1; describe merged >files.oci-archive
same "files of skopeo's oci-archive" files.expected files.oci-archive
"$DEVC" image tag layout:1 layout:two
"$DEVC" image save -o saved.tar layout:1 layout:two from/skopeo:1
for name in layout:1 layout:two from/skopeo:1; do
  rm -rf again; skopeo_copy "docker-archive:saved.tar:docker.io/$([ "$name" = from/skopeo:1 ] || echo library/)$name" oci:again:latest
  config_of oci:again:latest >config.given; same "configuration of $name saved" config.expected config.given
  unpacked again:latest; describe bundle/rootfs >files.given; same "files of $name saved" files.expected files.given
done
umount merged
"$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc | sort -u) >/dev/null
"$DEVC" image tag "$("$DEVC" image load <layout.tar | sed 's/.*ID: //')" layout:1
"$DEVC" image save layout:1 >one-saved.tar
rm -rf again; mkdir layout-folder; tar -C layout-folder -xf one-saved.tar
eq "$(cat layout-folder/oci-layout)" '{"imageLayoutVersion":"1.0.0"}' "an OCI layout too"
skopeo_copy oci:layout-folder:1 oci:again:latest
cmp <(skopeo inspect --raw oci:again:latest) <(skopeo inspect --raw oci:oci:latest) || die "the manifest changed between load and save"

# ---- through a registry, both ways
port=$(free_port); at=127.0.0.1:$port
printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$work/store" $at >registry.yml
docker-registry serve registry.yml >registry.log 2>&1 & pids="$pids $!"
until_ok 20 curl -fs "http://$at/v2/"
for format in oci v2s2; do
  skopeo_copy --format $format oci:oci:latest docker://$at/in:$format
  "$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc | sort -u) >/dev/null
  "$DEVC" image pull -q $at/in:$format >/dev/null
  mounted $at/in:$format; describe merged >files.pulled; umount merged
  same "files pulled as $format" files.expected files.pulled
  "$DEVC" image tag $at/in:$format $at/out:$format
  "$DEVC" image push -q $at/out:$format >/dev/null
  rm -rf again; skopeo_copy docker://$at/out:$format oci:again:latest
  unpacked again:latest; describe bundle/rootfs >files.pushed; same "files pushed as $format" files.expected files.pushed
  config_of oci:again:latest >config.pushed; same "configuration pushed as $format" config.expected config.pushed
done
skopeo copy -q --insecure-policy --dest-tls-verify=false --dest-compress-format zstd --dest-force-compress-format oci:oci:latest docker://$at/in:zstd >said 2>&1 || {
  rm -rf zst; skopeo_copy --dest-compress-format zstd oci:oci:latest dir:zst; skopeo_copy dir:zst docker://$at/in:zstd; }
"$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc | sort -u) >/dev/null
"$DEVC" image pull -q $at/in:zstd >/dev/null
mounted $at/in:zstd; describe merged >files.zstd; umount merged
same "files of zstd layers" files.expected files.zstd

# ---- what umoci changes
cp -a oci edited
rm -rf bundle; quietly umoci unpack --image edited:latest bundle
rm bundle/rootfs/plain; rm -r bundle/rootfs/hidden; mkdir bundle/rootfs/fresh; cp -a --sparse=always bundle/rootfs/sparse bundle/rootfs/fresh/; python3 -c 'import os; os.setxattr("bundle/rootfs/fresh", "user.fresh", b"yes")'
touch -d @1600000000 bundle/rootfs/fresh/sparse   # umoci rounds to seconds
quietly umoci repack --image edited:latest bundle
describe bundle/rootfs >files.edited.expected
skopeo_copy oci:edited:latest docker-archive:edited.tar:edited:1
"$DEVC" image load -q -i edited.tar >/dev/null
mounted edited:1; describe merged >files.edited; umount merged
same "files that umoci changed" files.edited.expected files.edited

# ---- import and export of root file systems
tar -C bundle/rootfs --format=posix --xattrs '--xattrs-include=*' --sparse -cf root.tar .
"$DEVC" image import -c 'ENV A=b' root.tar imported:1 >/dev/null
mounted imported:1; describe merged >files.imported; umount merged
same "files imported" files.edited.expected files.imported

# ---- docker
command -v dockerd >/dev/null || { echo "no dockerd: docker's part is left out"; exit 0; }
mkdir dockerd
dockerd --data-root "$work/dockerd/data" --exec-root "$work/dockerd/exec" --pidfile "$work/dockerd/pid" --host "unix://$work/docker.sock" \
  --iptables=false --ip6tables=false --bridge=none --storage-driver vfs >dockerd.log 2>&1 & daemon=$!; pids="$pids $daemon"
docker() { DOCKER_HOST=unix://$work/docker.sock command "$(command -v /usr/bin/docker || command -v docker)" "$@"; }
until_ok 60 docker version
exported() { # IMAGE -> exported/
  local container; container=$(docker create "$1" /x); rm -rf exported; mkdir exported
  docker export "$container" | tar -C exported --exclude=dev/* --exclude=etc/* --exclude=.dockerenv --exclude=proc --exclude=sys -xpf -
  docker rm "$container" >/dev/null
  rm -rf exported/dev exported/etc exported/.dockerenv exported/proc exported/sys exported/v
}
"$DEVC" image load -q -i docker.tar >/dev/null
"$DEVC" image save from/skopeo:1 | docker load >/dev/null
eq "$(docker image inspect -f '{{.Id}}' from/skopeo:1)" "$("$DEVC" image inspect -f '{{.Id}}' from/skopeo:1)" "the id that docker gives to what devc saved"
rm -rf plain && cp -a oci plain && unpacked oci:latest; describe --plain bundle/rootfs | grep -v "^b'dir'" >files.plain
exported from/skopeo:1; describe --plain exported | grep -v "^b'dir'" >files.docker
same "files that docker loads" files.plain files.docker
# What docker gives back: it cannot take archives apart and together again that have sparse entries, so here are none.
tar -C bundle/rootfs --format=posix --xattrs '--xattrs-include=*' -cf full.tar .
"$DEVC" image import -c 'ENV A=b' -c 'LABEL l=v' full.tar full:1 >/dev/null
"$DEVC" image save full:1 | docker load >/dev/null
id=$("$DEVC" image inspect -f '{{.Id}}' full:1)
docker save full:1 >docker-saved.tar
"$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc | sort -u) >/dev/null
"$DEVC" image load -q -i docker-saved.tar >/dev/null
eq "$("$DEVC" image inspect -f '{{.Id}} {{.Config.Labels.l}}' full:1)" "$id v" "the id and a label of what docker saved"
mounted full:1; describe merged >files.back; umount merged
same "files that docker saves" files.expected files.back
"$DEVC" image tag full:1 $at/to/docker:1
"$DEVC" image push -q $at/to/docker:1 >/dev/null
docker rmi full:1 >/dev/null
docker pull -q $at/to/docker:1 >/dev/null
eq "$(docker image inspect -f '{{.Id}}' $at/to/docker:1)" "$id" "the id that docker pulls"
docker tag $at/to/docker:1 $at/from/docker:1
docker push -q $at/from/docker:1 >/dev/null
"$DEVC" image rm -f $("$DEVC" image ls -q --no-trunc | sort -u) >/dev/null
"$DEVC" image pull -q $at/from/docker:1 >/dev/null
eq "$("$DEVC" image inspect -f '{{.Id}}' $at/from/docker:1)" "$id" "the id of what docker pushed"
mounted $at/from/docker:1; describe merged >files.through; umount merged
same "files pushed by docker" files.expected files.through
