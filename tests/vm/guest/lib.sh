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

# What only containers with a network of their own need is missing: only these do not start, the message says what it is, and
# nothing half-made is left.
without_own_networks() { # MESSAGE MODULE DOCTORS_MESSAGE
  fails run busybox true
  has "$(cat out.log)" "$1" "what is missing"
  has "$(cat out.log)" "hint: modprobe $2" "what to do"
  eq "$(devc container ls -aq)" "" "containers that are left"
  eq "$(run --network none busybox echo works)" works "no network"
  eq "$(run --network host busybox echo works)" works "the machine's network"
  fails devc doctor
  has "$(cat out.log)" "missing  $3" "doctor"
  cat >compose.yaml <<Y
services:
  a: {image: busybox, command: sleep 1000, ports: ["8080:80"]}
Y
  fails devc up -d
  has "$(cat out.log)" "$1" "up"
  devc ps -a >/dev/null
  devc down -v -t 0 || die "down"
  eq "$(devc container ls -aq)" "" "containers that are left"
  eq "$(devc network ls --format '{{.Name}}' | grep -c '^p_' || true)" 0 "networks that are left"
  eq "$(ls /sys/class/net)" lo "interfaces that are left"
  devc system check || die "the store is damaged"
}
