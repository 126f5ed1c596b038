# A build step that puts a link where a mount point's folder was: what is cleared away after the step is the step's.
. "$TOP/tests/security/lib.sh"
outside=$(mktemp -d /tmp/devc-outside-XXXXXX); touch "$outside/empty"; mkdir "$outside/folder"
trap 'rm -rf "$outside"; "$DEVC" image rm -f stubs$$ >/dev/null 2>&1 || true' EXIT
before=$(find "$outside" -printf '%p %m %T@\n' | sort)
cat >Dockerfile <<D
FROM busybox
RUN --mount=type=tmpfs,target=/stubs/deep/folder mv /stubs/deep /stubs/aside && ln -s $outside /stubs/deep
RUN --mount=type=bind,source=/bin/busybox,from=busybox,target=/more/deep/empty mv /more/deep /more/aside && ln -s $outside /more/deep
D
"$DEVC" image build -q -t stubs$$ . >/dev/null
eq "$(find "$outside" -printf '%p %m %T@\n' | sort)" "$before" "the machine's folder"
has "$("$DEVC" container run --rm stubs$$ ls -l /stubs/deep /more/deep)" "$outside" "the step's links"
