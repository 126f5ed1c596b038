# Attributes that devc does not act on are refused where a service would be unsafe or useless without them, and named in
# one warning where it is not: never passed over in silence.
. "$TOP/tests/e2e/lib.sh"
refused() { # ATTRIBUTE SENTENCE
  printf 'services:\n  web:\n    image: busybox\n    command: "true"\n    %s\n%s' "$1" "${3-}" >compose.yaml
  for command in "up -d" "create" "run --rm -T web"; do
    if "$DEVC" $command >out.log 2>&1; then die "$command with $1 must fail"; fi
    has "$(cat out.log)" "$2" "$command with $1"
  done
  eq "$("$DEVC" ps -aq | wc -l)" 0 "nothing was made"
}
refused 'credential_spec: {file: a.json}' "service web: credential_spec is for Windows containers"
refused 'isolation: hyperv' "service web: isolation is for Windows"
refused 'storage_opt: {size: 1G}' "service web: storage_opt cannot be held"
refused 'use_api_socket: true' "service web: use_api_socket needs a socket"
refused 'userns_mode: private' "service web: userns_mode can only be"
refused 'runtime: kata' "service web: unknown or invalid runtime name: kata"
refused 'models: [llm]' "service web: models needs a model runner" $'models: {llm: {model: ai/small}}\n'
refused 'secrets: [s]' "secret s: its driver vault" $'secrets: {s: {driver: vault, file: compose.yaml}}\n'
refused 'networks: [n]' "network n: there is no ipam driver other" $'networks: {n: {ipam: {driver: other}}}\n'

cat >compose.yaml <<'Y'
services:
  web:
    image: busybox
    command: sleep 100
    init: true
    cpu_count: 2
    cpu_percent: 50
    userns_mode: host
    networks: {default: {driver_opts: {some.option: x}}}
    configs: [c]
configs: {c: {content: x, template_driver: golang}}
Y
said=$("$DEVC" --progress plain up -d 2>&1)
for sentence in "service web: cpu_count is for Windows" "service web: cpu_percent is for Windows" "no option some.option" "config c: template_driver does nothing"; do
  eq "$(grep -c "$sentence" <<<"$said")" 1 "'$sentence' is said once"
done
"$DEVC" down
