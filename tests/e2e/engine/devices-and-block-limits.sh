# Devices by CDI name, by capability and in deploy bring nodes, mounts, variables and the right to use them; limits of
# blkio_config reach the control group; what cannot be had is said before anything starts.
. "$TOP/tests/e2e/lib.sh"
kind=devc-test-$$.org/gpu
mkdir -p /etc/cdi; spec=/etc/cdi/devc-test-$$.yaml
trap 'rm -f "$spec"; rmdir /etc/cdi 2>/dev/null || true' EXIT
echo from-host >gift
cat >"$spec" <<Y
cdiVersion: "0.6.0"
kind: $kind
containerEdits: {env: [DRIVER=yes]}
devices:
  - name: "0"
    containerEdits:
      env: [CARD=zero]
      deviceNodes: [{path: /dev/card0, hostPath: /dev/loop-control, permissions: r}]
      mounts: [{hostPath: $PWD/gift, containerPath: /opt/gift, options: [ro, bind]}]
      additionalGIDs: [4242]
  - {name: "1", containerEdits: {env: [CARD=one]}}
  - name: hooked
    containerEdits:
      hooks:
        - {hookName: prestart, path: $PWD/hook, args: [hook, prestart]}
        - {hookName: createRuntime, path: $PWD/hook, args: [hook, createRuntime]}
        - {hookName: createContainer, path: $PWD/hook, args: [hook, createContainer]}
        - {hookName: poststart, path: $PWD/hook, args: [hook, poststart]}
        - {hookName: poststop, path: $PWD/hook, args: [hook, poststop]}
        - {hookName: poststop, path: /bin/false}
Y
printf '#!/bin/sh\nstatus=$(sed "s/.*\\"status\\": *\\"\\([a-z]*\\)\\".*/\\1/")\necho "$1 $status" >>%s/hooks\n' "$PWD" >hook; chmod +x hook
cat >compose.yaml <<Y
services:
  by-name: {image: busybox, devices: ["$kind=0"], command: sh -c 'echo \$\$DRIVER \$\$CARD; cat /opt/gift; id -G; head -c 0 /dev/card0 && echo readable'}
  by-request: {image: busybox, command: sh -c 'echo \$\$CARD', gpus: [{driver: cdi, device_ids: ["$kind=1"]}]}
  reserved:
    image: busybox
    command: sh -c 'echo \$\$CARD'
    deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1}]}}}
  unknown: {image: busybox, devices: ["nobody.org/gpu=7"]}
  vendor: {image: busybox, gpus: [{driver: nobody, count: 1}]}
Y
got=$("$DEVC" run --rm -T by-name)
has "$got" "yes zero" "variables of a device"
has "$got" "from-host" "mounts of a device"
has "$got" "4242" "groups of a device"
has "$got" "readable" "the right to use it"
eq "$("$DEVC" run --rm -T by-request)" one "gpus with the driver cdi"
if ! ls /etc/cdi /var/run/cdi 2>/dev/null | grep -qiE 'nvidia|amd'; then
  eq "$("$DEVC" run --rm -T reserved)" zero "a reservation by capability"
fi
if "$DEVC" run --rm -T unknown true 2>err; then die "an unknown device must fail"; fi
has "$(cat err)" "unresolvable CDI devices nobody.org/gpu=7" "the error"
if "$DEVC" run --rm -T vendor true 2>err; then die "an unknown vendor must fail"; fi
has "$(cat err)" 'could not select device driver "nobody" with capabilities: [[gpu]]' "the error"
eq "$("$DEVC" container run --rm --device "$kind=1" busybox sh -c 'echo $CARD')" one "container run --device with a CDI name"
for runtime in devc runc; do
  rm -f hooks
  "$DEVC" container run --rm --network none --runtime $runtime --device "$kind=hooked" busybox true
  until_ok 10 grep -q poststop hooks
  eq "$(cut -d' ' -f1 hooks)" "prestart
createRuntime
createContainer
poststart
poststop" "hooks of a device, by $runtime"
  eq "$(tail -n 1 hooks)" "poststop stopped" "the last one knows that it has ended"
done
id=$("$DEVC" container create --gpus "\"device=0,1\",driver=nobody" busybox)
eq "$("$DEVC" container inspect -f '{{json .HostConfig.DeviceRequests}}' "$id")" \
  '[{"Capabilities":[["gpu"]],"Count":0,"DeviceIDs":["0","1"],"Driver":"nobody","Options":{}}]' "requests in inspect"
"$DEVC" container rm "$id" >/dev/null

disk=$(lsblk -dnpo NAME 2>/dev/null | grep -E '/(sd|vd|nvme|xvd)' | head -n 1)
if [ -b "$disk" ]; then
  number=$(lsblk -dno MAJ:MIN "$disk" | tr -d ' ')
  cat >limits.yaml <<Y
services:
  slow:
    image: busybox
    command: sh -c 'cat /sys/fs/cgroup/blkio/blkio.throttle.*_device /sys/fs/cgroup/io.max 2>/dev/null; true'
    blkio_config:
      device_read_bps: [{path: $disk, rate: 2mb}]
      device_write_bps: [{path: $disk, rate: 3mb}]
      device_read_iops: [{path: $disk, rate: 40}]
      device_write_iops: [{path: $disk, rate: 50}]
  wrong: {image: busybox, blkio_config: {device_read_bps: [{path: /dev/null, rate: 1mb}]}}
Y
  got=$("$DEVC" -f limits.yaml run --rm -T slow)
  for limit in 2097152 3145728 40 50; do grep -qE "^$number .*\b$limit\b" <<<"$got" || die "limit $limit is not set: $got"; done
  if "$DEVC" -f limits.yaml run --rm -T wrong true 2>err; then die "no block device must fail"; fi
  has "$(cat err)" "/dev/null is no block device" "the error"
  eq "$("$DEVC" container run --rm --device-read-bps "$disk:1mb" busybox sh -c 'cat /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device /sys/fs/cgroup/io.max 2>/dev/null; true' | grep -c 1048576)" 1 "--device-read-bps"
fi
"$DEVC" down
