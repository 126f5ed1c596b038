# Pulls that are killed, that find the disk full, that run twice at once: the store is right afterwards, and the next pull
# finishes. `devc system check` reads all of it.
if [ -z "${INSIDE:-}" ]; then exec env INSIDE=1 unshare -m bash -euo pipefail "$0"; fi
. "$TOP/tests/e2e/lib.sh"
work=$PWD
export DEVC_STATE_DIR=$work/state DEVC_RUN_DIR=$work/run DOCKER_CONFIG=$work/docker
mount --make-rprivate /
port=$(free_port); at=127.0.0.1:$port
printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: false}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$work/store" $at >registry.yml
docker-registry serve registry.yml >registry.log 2>&1 & registry=$!
trap 'kill $registry; wait 2>/dev/null; umount small 2>/dev/null || true' EXIT
until_ok 20 curl -fs "http://$at/v2/"

# Eight layers of 3 MB, half of which gzip can do something with.
python3 - <<'EOF'
import gzip, hashlib, io, json, os, tarfile
blobs, O = {}, "application/vnd.oci.image."
def put(data, kind):
    digest = "sha256:" + hashlib.sha256(data).hexdigest(); blobs[digest] = data
    return {"mediaType": O + kind, "digest": digest, "size": len(data)}
layers = []
for i in range(8):
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode="w") as t:
        for k in range(30):
            data = os.urandom(50_000) + b"%d" % k * 50_000
            e = tarfile.TarInfo(f"layer{i}/file{k}"); e.size = len(data); t.addfile(e, io.BytesIO(data))
    layers.append(b.getvalue())
config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]}}
manifest = {"schemaVersion": 2, "mediaType": O + "manifest.v1+json", "config": put(json.dumps(config).encode(), "config.v1+json"),
            "layers": [put(gzip.compress(l, 1, mtime=0), "layer.v1.tar+gzip") for l in layers]}
top = {**put(json.dumps(manifest).encode(), "manifest.v1+json"), "annotations": {"org.opencontainers.image.ref.name": "latest"}}
os.makedirs("oci/blobs/sha256")
for digest, data in blobs.items(): open("oci/blobs/sha256/" + digest[7:], "wb").write(data)
open("oci/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
open("oci/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [top]}))
EOF
skopeo copy -q --insecure-policy --dest-tls-verify=false oci:oci:latest docker://$at/app:1
sound() { "$DEVC" system check >checked 2>&1 || die "$1: $(cat checked)"; }
files() { find "$DEVC_STATE_DIR"/blobs "$DEVC_STATE_DIR"/layers "$DEVC_STATE_DIR"/tmp "$DEVC_STATE_DIR"/locks -mindepth 1 | wc -l; }

begin=$(date +%s%N); "$DEVC" image pull -q $at/app:1 >/dev/null; whole=$((($(date +%s%N) - begin) / 1000))  # microseconds
sound "a whole pull"
has "$(cat checked)" "1 images, 8 layers, 10 blobs" "what the check saw"
complete=$(files)

# Killed at 50 random points, each time from what the last one has left, and emptied now and then.
RANDOM=20240506
for i in $(seq 50); do
  [ $((i % 4)) != 1 ] || { "$DEVC" image rm -f $at/app:1 >/dev/null 2>&1 || true; }
  "$DEVC" image pull -q $at/app:1 >/dev/null 2>&1 & pull=$!
  sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % (whole < 999999 ? whole : 999999))))"
  kill -9 $pull 2>/dev/null || true
  wait $pull 2>/dev/null || true
  [ $((i % 5)) != 0 ] || sound "after kill $i"
done
"$DEVC" image pull -q $at/app:1 >/dev/null
sound "after the last pull"
"$DEVC" image prune -f >/dev/null
eq "$(files)" "$complete" "files of the store once what killed pulls have left is collected"
eq "$(cat "$DEVC_STATE_DIR"/layers/*/layer7/file29 | tail -c 2)" 29 "a file of the last layer"

# Damage is found, named and repaired.
blob=$(ls -S "$DEVC_STATE_DIR"/blobs/sha256 | head -1)
printf X | dd of="$DEVC_STATE_DIR/blobs/sha256/$blob" bs=1 seek=1000 conv=notrunc 2>/dev/null
fails "$DEVC" system check
has "$(cat out.log)" "the blob $blob is damaged" "what the check says"
"$DEVC" system check --fix >/dev/null
sound "after the repair"
"$DEVC" image pull -q $at/app:1 >/dev/null
sound "after the pull that follows"

# Two at once fetch each blob once between them.
"$DEVC" image rm -f $at/app:1 >/dev/null
: >registry.log
"$DEVC" image pull -q $at/app:1 >/dev/null & one=$!
"$DEVC" image pull -q $at/app:1 >/dev/null & two=$!
wait $one; wait $two
eq "$(grep -c 'GET /v2/app/blobs/' registry.log)" 9 "blobs fetched by two pulls together"
sound "after two pulls at once"

# A full disk.
mkdir small
mount -t tmpfs -o size=20m,mode=700 tmpfs small
export DEVC_STATE_DIR=$work/small/state
fails "$DEVC" image pull -q $at/app:1
has "$(cat out.log)" "No space left on device" "the message"
sound "after the disk was full"
eq "$("$DEVC" image ls -q)" "" "images of a full disk"
fails "$DEVC" image load -i <(skopeo copy -q --insecure-policy oci:oci:latest docker-archive:/dev/stdout:app:2)
sound "after a load on a full disk"
mount -o remount,size=200m small
"$DEVC" image pull -q $at/app:1 >/dev/null
sound "after the pull with more room"
