# `build --debug-shell`: a shell where the step failed, with what it had written, its variables, folder, user and mounts.
. "$TOP/tests/ui/lib.sh"
cat >Dockerfile <<'D'
FROM busybox AS slow
RUN sleep 1000
FROM busybox
ENV FROM_FILE=yes
RUN echo worker:x:1000:1000::/:/bin/sh >>/etc/passwd && mkdir /app && chown 1000 /app
WORKDIR /app
USER worker
RUN --mount=type=secret,id=word,uid=1000 --mount=type=cache,target=/kept,uid=1000 echo half >made; echo warm >/kept/file; exit 7
COPY --from=slow /etc/passwd /slow
D
echo hidden >word
printf 'PS1="READY "\n' >session
open_terminal 100 40 bash --noprofile --rcfile session -i
wait_for READY
keys "'$DEVC' image build --debug-shell --progress plain --secret id=word,src=word -t half . ; echo ended \$?" Enter
wait_for 'This shell has the files'
keys 'echo "$(pwd) $(whoami) $FROM_FILE $(cat made) $(cat /run/secrets/word) $(cat /kept/file)" is; echo lost > more; exit 3' Enter
wait_for '/app worker yes half hidden warm is'
wait_for 'ended 1'
has "$(all_shown)" 'exit code: 7' "the step's error"
fails "$DEVC" image inspect half
[ -z "$(ls -A "$DEVC_RUN_DIR" | grep ^build- || true)" ] || die "folders of steps are left"
# Without a terminal nothing is begun.
has "$("$DEVC" image build --debug-shell . </dev/null 2>&1 || true)" 'needs a terminal' "the refusal"
