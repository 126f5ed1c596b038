# Mounts and copies of a build that meet links stay inside the build (CVE-2024-23651, -23652, -23653), also while a step of
# the same build changes what is mounted; no step has more rights than a container.
. "$TOP/tests/security/lib.sh"
build_probe
outside=$(mktemp -d /tmp/devc-outside-XXXXXX); echo host-secret >"$outside/secret"; mkdir "$outside/in"
trap 'rm -rf "$outside"' EXIT
listing() { find "$outside" -printf '%p %m %u %s\n' | sort; cat "$outside/secret"; }
before=$(listing)
attempt() { # DOCKERFILE on stdin: it may build or fail, but must not see or touch the machine's folder
  cat >context/Dockerfile
  timeout 120 "$DEVC" image build --no-cache --progress plain context >out.log 2>&1 || true
  if grep -v '^#[0-9]* \[' out.log | grep -q 'host-secret'; then die "seen: $(cat out.log)"; fi
  eq "$(listing)" "$before" "the machine's folder"
}
mkdir context; cp probe context/; ln -s "$outside" context/link; ln -s "$outside/secret" context/file
attempt <<D
FROM busybox
RUN mkdir /m && ln -s $outside /m/there
RUN --mount=type=cache,target=/m/there/in touch /m/there/in/made; cat /m/there/secret
RUN --mount=type=bind,target=/m/there ls -la /m/there/; cat /m/there/secret
RUN --mount=type=tmpfs,target=/m/there/in touch /m/there/in/made
D
attempt <<D
FROM busybox AS base
RUN rm -rf /src && ln -s $outside /src && ln -s / /all
FROM busybox
RUN --mount=type=bind,from=base,source=/src,target=/got cat /got/secret
D
attempt <<D
FROM busybox AS base
RUN ln -s / /all
FROM busybox
RUN --mount=type=bind,from=base,source=/all$outside,target=/got cat /got/secret
D
for line in 'COPY link/secret /got' 'COPY file /got' 'COPY link /got' 'ADD link/secret /got' 'COPY ../secret /got' 'RUN --mount=type=bind,source=link,target=/got cat /got/secret' \
            'RUN --mount=type=bind,source=file,target=/got cat /got' "RUN --mount=type=bind,source=../../../../..$outside,target=/got cat /got/secret"; do
  attempt <<<"FROM busybox
$line
RUN cat /got /got/secret"
done
# A cache that holds a link where the next build mounts from.
attempt <<D
FROM busybox
RUN --mount=type=cache,id=c$$,target=/c ln -s $outside /c/sub
RUN --mount=type=cache,id=c$$,target=/d,source=sub cat /d/secret; touch /d/made
D
# One stage exchanges the folder for a link while another mounts it.
{
  echo "FROM busybox AS swapping"
  echo "COPY probe /probe"
  echo "RUN --mount=type=cache,id=r$$,target=/c /probe swap /c/place $outside & sleep 2; kill \$!"
  echo "FROM busybox AS mounting"
  for round in $(seq 12); do echo "RUN --mount=type=cache,id=r$$,target=/d$round,source=place cat /d$round/secret; touch /d$round/made; sleep 0.1"; done
  echo "FROM mounting"
  echo "COPY --from=swapping /probe /probe"
} | attempt
# Rights of a step; more are asked for in vain without an entitlement.
printf 'FROM busybox\nCOPY probe /probe\nRUN /probe kernel >/kernel; /probe devices >/devices; grep CapEff /proc/self/status >/caps\nCMD cat /kernel /devices /caps\n' >context/Dockerfile
"$DEVC" image build -q -t step$$ context >/dev/null
got=$("$DEVC" container run --rm step$$)
eq "$(grep -vE ' (EPERM|ENOSYS)$' <<<"$got")" "null ok
CapEff:	00000000a80425fb" "rights of a step"
printf 'FROM busybox\nRUN --security=insecure mount -t tmpfs none /mnt\n' >context/Dockerfile
if "$DEVC" image build -q context >out.log 2>&1; then die "an insecure step without the entitlement"; fi
"$DEVC" image rm step$$ >/dev/null
