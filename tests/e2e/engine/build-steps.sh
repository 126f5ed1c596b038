# What a build's steps may see and leave behind: mounts, secrets, network, cache, errors, a killed build.
. "$TOP/tests/e2e/lib.sh"
built() { "$DEVC" image build --progress plain "$@" >out 2>&1 || { cat out; die "the build failed: $*"; }; }
fails() { if "$DEVC" image build --progress plain "$@" >out 2>&1; then die "was built, should not: $*"; fi; }
shows() { grep -qF -- "$1" out || { cat out; die "no '$1' in the output"; }; }

# RUN --mount
echo context >file; printf s3cret$$ >token; printf '*\n!file\n' >.dockerignore
cat >Dockerfile <<'D'
# syntax=docker/dockerfile:1
FROM busybox AS tools
RUN mkdir /t && echo tool >/t/x
FROM busybox
RUN --mount=type=bind,target=/ctx --mount=type=bind,from=tools,source=/t,target=/tools cat /ctx/file /tools/x >/bound; ! touch /ctx/no
RUN --mount=type=bind,target=/ctx,rw touch /ctx/yes
RUN --mount=type=cache,target=/cache,id=steps-PID,mode=0700,uid=5 stat -c '%a %u' /cache >/cachemode; echo n >>/cache/n; wc -l </cache/n >/cached
RUN --mount=type=secret,id=token,target=/s --mount=type=secret,id=token,env=TOKEN stat -c %a /s >/mode; [ "$(cat /s)" = "$TOKEN" ] && [ -n "$TOKEN" ]
RUN --mount=type=tmpfs,target=/scratch,size=1m grep -q ' /scratch tmpfs' /proc/mounts && ! dd if=/dev/zero of=/scratch/a bs=1M count=2 2>/dev/null
RUN ls -d /cache /ctx /tools /scratch /s 2>/dev/null | wc -l >/left
RUN <<EOF
echo one >/here
cat >>/here <<IN
two
IN
EOF
RUN <<EOF
#!/bin/awk -f
BEGIN { print "script" >"/awk" }
EOF
D
sed -i "s/PID/$$/" Dockerfile
built -t steps --secret id=token,src=token .
eq "$("$DEVC" container run --rm steps cat /bound /cachemode /cached /mode /left /here /awk | tr '\n' ' ')" "context tool 700 5 1 400 0 one two script " "what the steps saw"
test ! -e yes || die "a step wrote to the context"
grep -rqs "s3cret$$" "${DEVC_STATE_DIR:-/var/lib/devc}/blobs" "${DEVC_STATE_DIR:-/var/lib/devc}/layers" && die "the secret is in the store"
built -t steps --secret id=token,src=token .; eq "$(grep -c CACHED out)" "$(grep -c '^#[0-9]* \(FROM\|\[\)' out)" "cached steps of an unchanged build"
echo changed >file; built -t steps --secret id=token,src=token .
eq "$("$DEVC" container run --rm steps cat /cached)" 2 "lines in the cache after a second run"

# Network and hosts: as docker's default, and not at all
printf 'FROM busybox\nRUN ip route | grep -q ^default && grep -q "10.9.8.7.*known" /etc/hosts\nRUN --network=none [ "$(ls /sys/class/net)" = lo ]\n' | built --add-host known:10.9.8.7 -f - .
printf 'FROM busybox\nRUN df -k /dev/shm | grep -q " 8192 " && [ "$(ulimit -n)" = 99 ]\n' | built --shm-size 8m --ulimit nofile=99:99 -f - .

# Independent stages run at the same time; one that fails ends the others
printf 'FROM busybox AS a\nRUN mkfifo /m; sleep 600\nFROM busybox\nRUN sleep 0.2; echo last words; exit 3\nCOPY --from=a /m /\n' >bad
started=$(date +%s); fails -f bad .; [ $(($(date +%s) - started)) -lt 60 ] || die "the other stage was waited for"
shows "exit code: 3"; shows "last words"; shows "4 >>> RUN sleep 0.2"; shows CANCELED
printf 'FROM busybox\nCOPY fil /\n' >bad; fails -f bad .; shows '"/fil": not found'; shows "did you mean file?"

# A killed build leaves nothing that runs, and the next one clears up
printf 'FROM busybox\nRUN echo begun; sleep 654\n' >slow
"$DEVC" image build --progress plain -f slow . >out 2>&1 & build=$!
until grep -q "begun$" out; do sleep 0.01; done
kill -9 $build; wait $build 2>/dev/null || true
for _ in $(seq 100); do pgrep -f '^sleep 654' >/dev/null || break; sleep 0.02; done
pgrep -f '^sleep 654' >/dev/null && die "the step of a killed build runs on"
printf 'FROM busybox\nRUN echo %s\n' "$$" >other; built -f other .
eq "$(ls "${DEVC_STATE_DIR:-/var/lib/devc}/build/steps")" "" "folders of steps after the next build"
for delay in 0.01 0.03 0.06 0.09 0.12 0.15 0.2; do
  printf 'FROM busybox\nRUN echo %s-%s >/x\nCOPY file /y\nRUN cat /x /y\n' $$ $delay >often
  "$DEVC" image build -t often -f often . >/dev/null 2>&1 & build=$!
  sleep $delay; kill -9 $build 2>/dev/null || true; wait $build 2>/dev/null || true
  built -t often -f often .
  eq "$("$DEVC" container run --rm often cat /x)" "$$-$delay" "the image after a kill at $delay s"
done

# The same time, the same image
printf 'FROM busybox\nRUN echo x >/x\nCOPY file /y\n' >same
for n in 1 2; do built --no-cache --build-arg SOURCE_DATE_EPOCH=1700000000 --iidfile id$n -f same .; sleep 1.1; done
eq "$(cat id1)" "$(cat id2)" "image ids with SOURCE_DATE_EPOCH"
"$DEVC" image rm -f steps often >/dev/null
