# watch copies into folders that an image without any tool does not have yet.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0 --rmi local' EXIT
mkdir src
printf 'FROM busybox AS tools\nFROM scratch\nCOPY --from=tools /bin/busybox /sleep\nCMD ["/sleep","100"]\n' >Dockerfile
cat >compose.yaml <<'Y'
services:
  a: {build: ., stop_signal: SIGKILL, develop: {watch: [{action: sync, path: ./src, target: /app/deep}]}}
Y
"$DEVC" up -d
"$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
mkdir -p src/x/y; echo content >src/x/y/f
until_ok 10 "$DEVC" cp a:/app/deep/x/y/f out
eq "$(cat out)" content "the file"
"$DEVC" export a -o a.tar; tar tvf a.tar >list
grep -q "^drwxr-xr-x 0/0 .*app/deep/x/y/$" list || die "the folder: $(cat list)"
