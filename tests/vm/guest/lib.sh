# Helpers of the cases. Each is a script of busybox's shell in an empty folder; it passes with status 0.
set -eu -o pipefail
export COMPOSE_ANSI=never COMPOSE_PROGRESS=quiet NO_COLOR=1 COMPOSE_PROJECT_NAME=p
die() { echo "$*"; exit 1; }
eq() { [ "$1" = "$2" ] || die "$3: want '$2', got '$1'"; }
has() { case "$1" in *"$2"*) ;; *) die "$3: '$2' is not in: $1" ;; esac; }
hasnt() { case "$1" in *"$2"*) die "$3: '$2' is in: $1" ;; esac; }
fails() { if "$@" >out.log 2>&1; then die "must fail: $*"; fi; }
until_ok() { # SECONDS COMMAND...: in a machine that is emulated everything takes longer
  end=$(($(date +%s) + $1)); shift
  until "$@" >/dev/null 2>&1; do [ "$(date +%s)" -lt "$end" ] || die "never held: $*"; sleep 0.1; done
}
run() { devc container run --rm "$@"; }
inspect() { devc container inspect --format "$2" "$1"; }
group_of() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(inspect "$1" '{{.State.Pid}}')/cgroup")"; }
clean() {
  devc container ls -aq | xargs -r devc container rm -f >/dev/null
  [ ! -f compose.yaml ] || devc down -v -t 0 --remove-orphans
}
trap clean EXIT
