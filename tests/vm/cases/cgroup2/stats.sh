# stats and top show what a container uses.
. /vm/lib.sh
devc container run -d --name one -m 64m busybox sh -c 'dd if=/dev/zero of=/file bs=1M count=2 conv=fsync; sleep 998 & while :; do :; done' >/dev/null
devc container run -d --name idle busybox sleep 1000 >/dev/null
until_ok 30 sh -c 'devc container top one | grep -q "sleep 998"'
row=$(devc container stats --no-stream --format '{{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.PIDs}} {{.BlockIO}}' one)
set -- $row  # 97.12% 1.2MiB / 64MiB 1.88% 2 0B / 2.1MB
case $1 in 0.00%) die "no processor time: $row" ;; *%) ;; *) die "no percent: $row" ;; esac
case $2 in 0B) die "no memory: $row" ;; esac
eq "$4" "64MiB" "the limit of memory"
eq "$6" 2 "processes"
case $9 in 0B) die "nothing written: $row" ;; *B) ;; *) die "what was written: $row" ;; esac
row=$(devc container stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' idle)
has "$row" " 1" "one process"
top=$(devc container top one)
has "$top" "sleep 998" "top"
eq "$(echo "$top" | wc -l)" 3 "lines of top"
