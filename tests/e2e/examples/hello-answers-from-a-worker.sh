# examples/hello: built from Dockerfiles, one service three times, a published port that answers.
. "$TOP/tests/e2e/lib.sh"
cp -r "$TOP/examples/hello" . && cd hello
export HELLO_PORT; HELLO_PORT=$(free_port)
trap '"$DEVC" down -v -t 0' EXIT
"$DEVC" up -d
eq "$("$DEVC" ps -q worker | wc -l)" 3 "workers"
until_ok 10 curl -sf "http://127.0.0.1:$HELLO_PORT/cgi-bin/index.cgi"
workers=$("$DEVC" ps -q worker | cut -c1-12)
for try in 1 2 3 4 5 6; do
  answer=$(curl -sf "http://127.0.0.1:$HELLO_PORT/cgi-bin/index.cgi")
  has "$answer" "Hello from devc, answered by worker " "answer"
  has "$workers" "${answer##* }" "the worker that answered"
done
ids=$("$DEVC" ps -q | sort)
"$DEVC" up -d
eq "$("$DEVC" ps -q | sort)" "$ids" "a second up keeps the containers"
"$DEVC" scale worker=5
eq "$("$DEVC" ps -q worker | wc -l)" 5 "workers after scale"
"$DEVC" scale worker=1
eq "$("$DEVC" ps -q worker | wc -l)" 1 "workers after scale down"
curl -sf "http://127.0.0.1:$HELLO_PORT/cgi-bin/index.cgi" >/dev/null || die "after scale down"
