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

cat >compose.yaml <<'Y'
x-deploy: &deploy
  placement: {constraints: [node.role == manager]}
  update_config: {order: start-first}
  rollback_config: {parallelism: 1}
  endpoint_mode: vip
  labels: {a: b}
  restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 120s}
  resources: {reservations: {memory: 32m, cpus: "0.1", generic_resources: [{discrete_resource_spec: {kind: k, value: 1}}]}}
services:
  api: {image: busybox, command: sleep 100, init: true, restart: always, deploy: *deploy}
  web:
    image: busybox
    command: sleep 100
    init: true
    deploy: {<<: *deploy, mode: global, endpoint_mode: dnsrr, restart_policy: {condition: any, max_attempts: 2}}
  job: {image: busybox, command: sleep 100, init: true, deploy: {mode: replicated, replicas: 2, restart_policy: {max_attempts: 2}}}
Y
for command in "create" "up -d"; do
  said=$("$DEVC" --progress plain $command 2>&1)
  eq "$(grep -c "of a cluster" <<<"$said")" 1 "$command says in one line what of deploy is for clusters"
  has "$said" "endpoint_mode (of api), labels (of api, web), placement (of api, web), resources.reservations.cpus (of api, web), resources.reservations.generic_resources (of api, web), restart_policy.delay (of api), restart_policy.window (of api), rollback_config (of api, web), update_config (of api, web)" "$command"
  has "$said" "service web: deploy.restart_policy.max_attempts does nothing" "$command"
  has "$said" "service job: deploy.restart_policy without a condition restarts nothing" "$command"
done
policy() { "$DEVC" container inspect --format '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.HostConfig.MemoryReservation}}' "$("$DEVC" ps -q "$1" | head -n 1)"; }
eq "$(policy api)" "on-failure 3 33554432" "deploy's policy stands over restart, its memory is reserved"
eq "$(policy web)" "always 0 33554432" "any"
eq "$(policy job)" "no 0 0" "no condition"
eq "$("$DEVC" ps -q web | wc -l)" 1 "global is one container"
eq "$("$DEVC" ps -q job | wc -l)" 2 "replicas"
"$DEVC" down
