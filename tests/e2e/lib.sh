# Helpers of the scripts below. Each runs in an empty folder of its own with DEVC, DEVC_STATE_DIR and DEVC_RUN_DIR set
# and busybox:latest imported; it passes with status 0.
export COMPOSE_ANSI=never COMPOSE_PROGRESS=quiet NO_COLOR=1
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-t$$}
die() { echo "FAILED: $*" >&2; exit 1; }
eq() { [ "$1" = "$2" ] || die "$3: want '$2', got '$1'"; }
has() { case "$1" in *"$2"*) ;; *) die "$3: '$2' is not in: $1" ;; esac; }
fails() { if "$@" >out.log 2>&1; then die "must fail: $*"; fi; }
until_ok() { # SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt "$end" ] || die "never held: $*"; sleep 0.1; done
}
free_port() { python3 -c 'import socket;s=socket.socket();s.bind(("127.0.0.1",0));print(s.getsockname()[1])'; }
# Network namespaces that some process is in. Those of ended processes go when their parents have collected them.
namespaces() { { ls -l /proc/[0-9]*/ns/net 2>/dev/null || true; } | sed 's/.*-> //' | sort -u | wc -l; }
# Everything of the kernel's and of the state that a project could leave behind, one thing a line.
inventory() {
  echo "# mounts"; cut -d' ' -f5 /proc/self/mountinfo | sort
  echo "# links"; ls /sys/class/net
  echo "# nftables"; nft list tables
  echo "# cgroups"; find /sys/fs/cgroup -type d -path '*devc*' | sort
  echo "# processes"; pgrep -af "devc-monitor run $DEVC_STATE_DIR" | grep -v defunct || true
  echo "# files"; find "$DEVC_STATE_DIR" "$DEVC_RUN_DIR" \
    ! -name 'devc.db*' ! -path '*/cache*' ! -path '*/events*' ! -path '*/locks*' | sort
}
