# The files and the terminal that `exec` and `run` have as stdin and stdout are not the container's: it could open them again,
# for writing too, change their owner, or read from a terminal when the command has gone. Nor has it the machine's /dev/null.
. "$TOP/tests/security/lib.sh"
"$DEVC" container run -d --name c$$ busybox sleep 1000 >/dev/null
trap '"$DEVC" container rm -f c$$ >/dev/null 2>&1 || true' EXIT
for how in "container exec -i c$$" "container run -i --rm busybox"; do
  echo original >read-only; echo "not for it" >written
  chmod 600 read-only written
  "$DEVC" $how sh -c 'echo overwritten >/proc/self/fd/0; chmod 777 /proc/self/fd/0; cat </proc/self/fd/1 >&2 & sleep 0.3; kill $!; chmod 777 /proc/self/fd/1; true' <read-only >>written 2>said || true
  eq "$(cat read-only)" original "$how: what was given to be read"
  eq "$(stat -c %a read-only written | tr '\n' ' ')" "600 600 " "$how: modes"
  ! grep -q "not for it" said || die "$how read what it had to write"
done
inside=$("$DEVC" container exec c$$ stat -c %d:%i /dev/null)
eq "$("$DEVC" container exec -i c$$ stat -L -c %d:%i /proc/self/fd/0 </dev/null)" "$inside" "stdin that is /dev/null"
eq "$("$DEVC" container exec c$$ stat -L -c %d:%i /proc/self/fd/0)" "$inside" "no stdin"
eq "$("$DEVC" container exec c$$ sh -c 'echo $(stat -L -c %d:%i /proc/$$/fd/1) >&2' 2>&1 >/dev/null)" "$inside" "stdout that is /dev/null"
eq "$("$DEVC" container run --rm busybox sh -c '[ "$(stat -L -c %d:%i /proc/self/fd/0)" = "$(stat -c %d:%i /dev/null)" ] && echo same')" same "stdin of a container"

# What goes through is whole, in both directions, with the program's status.
head -c 3000000 /dev/urandom >large
"$DEVC" container exec -i c$$ sh -c 'exec 2>&1; cat; exit 3' <large >copy && die "status 3" || eq $? 3 "status"
cmp large copy
"$DEVC" container exec -i c$$ sh -c 'exec >/tmp/copy 2>&1; cat' <large >copy
eq "$("$DEVC" container exec c$$ md5sum /tmp/copy | cut -d' ' -f1)" "$(md5sum large | cut -d' ' -f1)" "a program that closed its output"
"$DEVC" container exec c$$ sh -c 'echo out; echo err >&2' >out 2>err
eq "$(cat out) $(cat err)" "out err" "both outputs"
# A file that only the program closes early, and one that it leaves to others.
"$DEVC" container exec -i c$$ true <large
"$DEVC" container exec c$$ sh -c '(while :; do echo flood; done) & echo $! >/tmp/pid' >flood
"$DEVC" container exec c$$ sh -c 'kill $(cat /tmp/pid)'
