# Results of steps on their way to another store: in a folder, in a registry, in the image itself.
. "$TOP/tests/e2e/lib.sh"

port=$(free_port)
printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s/registry}}\nhttp: {addr: "127.0.0.1:%s"}\nlog: {level: error}\n' "$PWD" "$port" >registry.yml
docker-registry serve registry.yml >registry.log 2>&1 & registry=$!
trap 'kill $registry' EXIT
until_ok 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
hub=127.0.0.1:$port

mkdir ctx && echo 1 >ctx/f
cat >ctx/Dockerfile <<D
FROM busybox AS made
RUN echo $$ >/made
FROM busybox
COPY --from=made /made /copied
COPY f /f
RUN cat /copied /f >/both
D
"$DEVC" image save busybox:latest >base.tar
"$DEVC" image build -q -t $hub/inline --push --cache-to type=inline --cache-to type=local,dest=cache,mode=max --cache-to type=registry,ref=$hub/cache,mode=max ctx >id

elsewhere() { # NAME FLAGS...: builds in a store of its own; prints what was done, not found
  export DEVC_STATE_DIR=$PWD/$1/state DEVC_RUN_DIR=$PWD/$1/run; shift
  "$DEVC" image load -q <base.tar >/dev/null
  "$DEVC" image build --progress plain "$@" ctx >out 2>&1 || { cat out; die "the build failed: $*"; }
  awk '/^#[0-9]+ \[/ { name[$1] = $0 } / DONE / { if ($1 in name) print name[$1] }' out | sed 's/.*\] //' | tr '\n' ';'
}
eq "$(elsewhere folder --cache-from type=local,src=cache)" "" "steps done with the cache of a folder"
eq "$(elsewhere hub --cache-from type=registry,ref=$hub/cache)" "" "steps done with the cache of a registry"
eq "$(elsewhere image --cache-from $hub/inline)" "RUN echo $$ >/made;" "steps done with the image as the cache: the other stage is not in it"
eq "$(DEVC_STATE_DIR=$PWD/hub/state DEVC_RUN_DIR=$PWD/hub/run "$DEVC" image ls --format '{{.Repository}}' | sort -u | tr '\n' ' ')" "<none> busybox " "images left by the caches"
eq "$(elsewhere none --cache-from type=local,src=nowhere | tr ';' '\n' | wc -l)" 4 "steps done without a cache"
grep -q 'WARNING: the cache type=local,src=nowhere is not used' out || die "no word of the missing cache"
fails "$DEVC" image build -q --cache-to type=nowhere ctx
has "$("$DEVC" image build --progress plain --cache-to type=gha --cache-from type=gha ctx 2>&1)" 'the cache type=gha is not used' "a cache of a service elsewhere"
