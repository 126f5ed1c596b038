# What the probes share: everything of tests/e2e/lib.sh, and the program `probe` in the current folder, once it is asked for.
. "$TOP/tests/e2e/lib.sh"
build_probe() { g++ -std=c++20 -O1 -static -o probe "$TOP/tests/security/probe.cpp"; }
# What the probe prints in a container: [--flags of container run...] VERB
probe() { "$DEVC" container run --rm -v "$PWD/probe:/probe:ro" "${@:1:$#-1}" busybox /probe "${*: -1}"; }
