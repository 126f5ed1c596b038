# Which edits find a step's result in the cache, and which do it again from there on.
. "$TOP/tests/e2e/lib.sh"

# What was done, not found: the numbers of the steps of Dockerfile, in order.
done_steps() {
  "$DEVC" image build --progress plain "$@" . >out 2>&1 || { cat out; die "the build failed: $*"; }
  awk '/^#[0-9]+ \[/ { name[$1] = $2 } / DONE / { if ($1 in name) print name[$1] }' out | sed 's/\[//; s,/.*,,' | sort -n | tr '\n' ' '
}
expect() { what=$1 wanted=$2; shift 2; eq "$(done_steps "$@")" "$wanted" "steps done after: $what"; }

mkdir d && echo 1 >d/a && echo 2 >d/b && echo other >unused && echo "token $$" >token && chmod 644 d/a
cat >Dockerfile <<D
FROM busybox
ARG EARLY=1
RUN echo $$ \$EARLY >/early
COPY d/a /a
ENV V=1
RUN --mount=type=secret,id=token test -s /run/secrets/token && echo \$V >/v
ARG LATE=1
COPY --chown=0:0 d /d
WORKDIR /d
RUN cat a b >c
D
s="--secret id=token,src=token"
expect "nothing was built before" "2 3 4 5 6 7 " $s
expect "no change" "" $s
touch -d '2001-02-03' d/a d/b d; expect "times only" "" $s
echo changed >unused; expect "a file that no COPY takes" "" $s
echo "another $$" >token; expect "the secret's value" "" $s
expect "an ARG that is not used after it" "" $s --build-arg LATE=1
cp -a d d2 && rm -r d && mv d2 d; expect "the same files anew" "" $s
echo 3 >d/b; expect "content that a later COPY takes" "5 6 7 " $s
chmod 600 d/b; expect "a mode" "5 6 7 " $s
mv d/b d/bb && ln d/bb d/b && rm d/bb; expect "a file under its old name" "" $s
sed -i 's/chown=0:0/chown=1:2/' Dockerfile; expect "--chown" "5 6 7 " $s
sed -i 's/ENV V=1/ENV V=2/' Dockerfile; expect "ENV" "4 5 6 7 " $s
sed -i 's/ENV V=2/ENV V=1/' Dockerfile; expect "what was built before" "" $s
expect "--build-arg of the first step" "2 3 4 5 6 7 " $s --build-arg EARLY=2
expect "--no-cache" "2 3 4 5 6 7 " $s --no-cache
printf 'FROM busybox\nRUN echo %s >/new\n' $$ >base; "$DEVC" image build -q -t cache-base -f base . >/dev/null
sed -i 's/^FROM busybox/FROM cache-base/' Dockerfile; expect "another base" "2 3 4 5 6 7 " $s

# A stage by its name
printf 'FROM busybox AS one\nRUN echo %s >/1\nFROM busybox AS two\nRUN echo %s >/2\nFROM busybox\nCOPY --from=one /1 /\nCOPY --from=two /2 /\n' $$ $$ >Dockerfile
done_steps >/dev/null
done_steps --no-cache-filter one >/dev/null
grep -q 'one 2/2\] RUN' out || die "the stage is not shown"
eq "$(awk '/^#[0-9]+ \[/ { name[$1] = $0 } / DONE / { print name[$1] }' out | grep -c RUN)" 1 "RUN steps done with --no-cache-filter one"
