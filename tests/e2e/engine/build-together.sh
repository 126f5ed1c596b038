# Builds of the same Dockerfile at once do each step once, and with SOURCE_DATE_EPOCH the same image comes out anywhere.
. "$TOP/tests/e2e/lib.sh"

cat >Dockerfile <<D
FROM busybox AS a
RUN --mount=type=cache,id=together-$$,target=/c echo a >>/c/n; sleep 0.3; echo $$ >/a
FROM busybox
RUN --mount=type=cache,id=together-$$,target=/c echo b >>/c/n; sleep 0.3
COPY --from=a /a /a
RUN --mount=type=cache,id=together-$$,target=/c echo c >>/c/n
D
for n in 1 2 3; do "$DEVC" image build -q -t together:$n . >id$n & builds+=($!); done
for build in "${builds[@]}"; do wait "$build"; done
eq "$(sort -u id1 id2 id3 | wc -l)" 1 "images of builds at once"
printf 'FROM busybox\nRUN --mount=type=cache,id=together-%s,target=/c sort /c/n >/n\n' $$ | "$DEVC" image build -q -t together:count -f - . >/dev/null
eq "$("$DEVC" container run --rm together:count cat /n | tr '\n' ' ')" "a b c " "executions of the steps"

# Another store, files with other times, another moment
mkdir -p ctx/d && echo 1 >ctx/d/f && ln -s f ctx/d/l
cat >ctx/Dockerfile <<'D'
FROM busybox
COPY d /d
RUN mkdir /made && date +%s%N >/dev/null && touch /made/x && ln /made/x /made/y
WORKDIR /w/x
ADD --chown=3:4 d/f /w/
COPY <<EOF /note
text
EOF
LABEL a=b
D
build() { SOURCE_DATE_EPOCH=1700000000 "$DEVC" image build -q --no-cache --metadata-file "$1" ctx; }
first=$(build meta1)
sleep 1.1; touch -d '2031-01-01' ctx/d/f ctx/d
"$DEVC" image save busybox:latest >base.tar
export DEVC_STATE_DIR=$PWD/other/state DEVC_RUN_DIR=$PWD/other/run
"$DEVC" image load -q <base.tar >/dev/null
eq "$(build meta2)" "$first" "the image's id in another store"
eq "$(grep -o '"containerimage.digest": *"[^"]*"' meta2)" "$(grep -o '"containerimage.digest": *"[^"]*"' meta1)" "the manifest's digest in another store"
