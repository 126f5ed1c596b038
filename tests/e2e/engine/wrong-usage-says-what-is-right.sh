# A command line that is not understood ends with docker's status and a sentence that helps; stdout stays empty.
. "$TOP/tests/e2e/lib.sh"
wrong() { # STATUS WORDS ARGUMENTS...
  local status=$1 words=$2 got=0; shift 2
  "$DEVC" "$@" >out 2>err </dev/null || got=$?
  eq "$got" "$status" "status of: $*"
  has "$(cat err)" "$words" "devc $*"
  [ ! -s out ] || die "on stdout of $*: $(cat out)"
}
wrong 2 'did you mean `ps`?' pss
wrong 2 'unknown flag: --detatch' up --detatch
wrong 2 'did you mean `ls`?' container lss
wrong 2 'devc run needs SERVICE' run
wrong 2 'flag needs an argument: --tail' logs -n
wrong 2 'unexpected argument: x' ls x
wrong 125 'unknown flag: --nope' container run --nope busybox
wrong 125 'devc container run needs IMAGE' container run
wrong 1 'devc bridge is not supported yet' bridge convert
wrong 1 'no container found for project "no-such-project"' -p no-such-project stop
printf 'services: {a: {image: busybox}}\n' > compose.yaml
for flag in --attach --no-attach --exit-code-from; do wrong 1 'no such service: nope' up $flag nope; done
eq "$("$DEVC" help container rm)" "$("$DEVC" container rm --help)" "help as a word"
has "$("$DEVC" run --help)" "Usage: devc run [OPTIONS] SERVICE [COMMAND] [ARG...]" "usage"
