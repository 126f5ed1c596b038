# A watched path may appear after the begin and be replaced; no folder is watched that no rule reaches.
. "$TOP/tests/e2e/lib.sh"
trap 'kill $watch 2>/dev/null || true; "$DEVC" down -t 0' EXIT
inside() { "$DEVC" exec -T a sh -c "$1"; }
mkdir -p dist src/lib src/node_modules/m/n other/deep/er src/data/kept
echo 1 >dist/app.js; echo 1 >conf
cat >compose.yaml <<'Y'
services:
  a:
    image: busybox
    command: sleep 100
    stop_signal: SIGKILL
    develop:
      watch:
        - {action: sync, path: ./dist, target: /dist}
        - {action: sync, path: ./later/on, target: /later}
        - {action: sync, path: ./conf, target: /etc/conf}
        - {action: sync, path: ./src, target: /src, ignore: [node_modules/, data, "!data/kept"]}
Y
"$DEVC" up -d
"$DEVC" watch --no-up >watch.log 2>&1 & watch=$!
until_ok 10 grep -q "Watch enabled" watch.log
# The project's folder, dist, src, src/lib, src/data (for the exception in it) and src/data/kept.
eq "$(cat /proc/$watch/fdinfo/* | grep -c '^inotify')" 6 "watched folders"

mkdir -p later/on/deep; echo 2 >later/on/deep/f
until_ok 10 inside 'test -s /later/deep/f'
rm -r dist; mkdir dist; echo 2 >dist/app.js
until_ok 10 inside 'grep 2 /dist/app.js'
mv dist old; mkdir dist; echo 3 >dist/app.js
until_ok 10 inside 'grep 3 /dist/app.js'
echo 2 >new; mv new conf
until_ok 10 inside 'grep 2 /etc/conf'
rm conf; until_ok 10 inside 'test ! -e /etc/conf'
echo 3 >conf; until_ok 10 inside 'grep 3 /etc/conf'
echo 1 >src/data/kept/f; until_ok 10 inside 'test -s /src/data/kept/f'

# What is written all the time holds nothing up.
(while :; do echo >beside; sleep 0.05; done) & noise=$!
echo 4 >conf; until_ok 10 inside 'grep 4 /etc/conf'
kill $noise
inside 'test -d /dist' || die "the target of a replaced folder went"
