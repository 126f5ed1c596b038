# No descriptor of the engine reaches a program in a container, by run, exec, a build step or a health check; and a working
# directory can't be one of them (CVE-2024-21626).
. "$TOP/tests/security/lib.sh"
build_probe
exec 17</etc 18>inherited  # what the caller has open is no business of the container's either
extra() { awk '$1 > 2' <<<"$1"; }

seen=$(probe descriptors)
eq "$(extra "$seen")" "" "run"
eq "$(awk '{print $1}' <<<"$seen" | paste -sd' ')" "0 1 2" "stdio of run"
cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: sleep 100
    init: true
    volumes: [./probe:/probe:ro, ./out:/out]
    healthcheck: {test: ["CMD-SHELL", "/probe descriptors >/out/health"], interval: 0.2s}
    post_start: [{command: sh -c '/probe descriptors >/out/hook'}]
Y
mkdir out
"$DEVC" up -d
eq "$(extra "$("$DEVC" exec -T web /probe descriptors)")" "" "exec"
eq "$(extra "$(cat out/hook | grep -v ' /out/hook$')")" "" "post_start"
until_ok 10 test -s out/health
eq "$(extra "$(cat out/health | grep -v ' /out/health$')")" "" "healthcheck"
eq "$("$DEVC" exec -T web sh -c '/probe descriptors; ls -l /proc/1/fd' | grep -c ' /work\|memfd\|socket:\|pidfd\|cgroup')" 0 "the small init"
mkdir context; cp probe context/
printf 'FROM busybox\nCOPY probe /probe\nRUN /probe descriptors >/seen\nRUN --mount=type=cache,target=/c /probe descriptors >>/seen\nCMD cat /seen\n' >context/Dockerfile
"$DEVC" image build -q -t fds$$ context >/dev/null
eq "$(extra "$("$DEVC" container run --rm fds$$ | grep -v ' /seen$')")" "" "build step"

canary=/devc-canary-$$; echo of-the-host >"$canary"; trap 'rm -f "$canary"' EXIT
up=../../../../../../../..
reads() { # WHAT COMMAND...: must not get the machine's file, however it ends
  what=$1; shift
  "$@" sh -c "cat $up$canary /proc/self/cwd/$up$canary; ls -d $up/*" >out.log 2>/dev/null || true
  if grep -qE 'of-the-host|devc-canary' out.log; then die "$what: $(cat out.log)"; fi
}
for number in $(seq 3 24); do
  reads "run in descriptor $number" "$DEVC" container run --rm -w /proc/self/fd/$number busybox
  reads "exec in descriptor $number" "$DEVC" exec -T -w /proc/self/fd/$number web
  "$DEVC" exec -T web ln -sfn /proc/self/fd/$number /link
  reads "exec in a link to descriptor $number" "$DEVC" exec -T -w /link web
done
for number in 3 5 7 9 11 13; do
  printf 'FROM busybox\nWORKDIR /proc/self/fd/%d\nRUN cat %s%s /proc/self/cwd/%s%s\n' $number $up "$canary" $up "$canary" >context/Dockerfile
  if "$DEVC" image build --no-cache -q context >out.log 2>&1; then die "a build step read the machine's files by descriptor $number"; fi
done
"$DEVC" down -t 0; "$DEVC" image rm fds$$ >/dev/null
