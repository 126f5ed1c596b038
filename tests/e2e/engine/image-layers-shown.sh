# `image tree` says what each layer brings and wastes, `image diff` what differs between two images, `system df -v` what they share.
. "$TOP/tests/e2e/lib.sh"
export DEVC_STATE_DIR=$PWD/state DEVC_RUN_DIR=$PWD/run
mkdir -p root/d context
head -c 100000 /dev/zero >root/large; head -c 3000 /dev/zero >root/d/small; echo same >root/same; printf 'x' >"root/$(printf 'esc\033]0;x\007')"
tar -C root -cf root.tar .
"$DEVC" image import -m "the base" root.tar base:1 >/dev/null
echo changed >context/large; echo new >context/new
printf 'FROM base:1\nCOPY large new /\nCOPY --chmod=600 new /d/small\n' >context/Dockerfile
"$DEVC" image build -q -t app:1 context >/dev/null
tree=$("$DEVC" image tree app:1)
has "$tree" "3 layers, 103kB wasted" "the summary"
has "$tree" "M       8B  large  (hides 100kB)" "a file that is replaced"
has "$tree" "A       4B  new" "a file that is new"
has "$tree" "the base" "how the first layer was made"
! grep -q "$(printf '\033')" <<<"$tree" || die "an escape sequence of a file name reached the terminal"
eq "$("$DEVC" image tree --format json app:1 | python3 -c 'import json,sys; t = json.load(sys.stdin); print(t["Wasted"], len(t["Layers"]), [c["Kind"] + c["Path"] for c in t["Layers"][2]["Changes"]])')" \
  "103000 3 ['Md/small']" "the tree as JSON"
"$DEVC" image tree --svg app:1 >tree.svg
eq "$(python3 -c 'import xml.dom.minidom as x; print(len(x.parse("tree.svg").getElementsByTagName("g")))')" 3 "layers of the picture"
eq "$("$DEVC" image diff base:1 app:1)" "C /d/small
C /large
A /new" "differences"
eq "$("$DEVC" image diff app:1 base:1 | head -1)" "C /d/small" "differences the other way round"
eq "$("$DEVC" image diff app:1 app:1)" "" "differences of an image to itself"
df=$("$DEVC" system df -v | grep -E '^(app|base) ' | tr -s ' ')
has "$df" "103kB 103kB 0B" "base: all of it is shared"
has "$df" "103kB 103kB 16B" "app: what is its own"
fails "$DEVC" image diff base:1 none:1
has "$(cat out.log)" "No such image: none:1" "the error"
has "$("$DEVC" system check)" "2 images, 3 layers" "the check"
chmod 755 "$DEVC_STATE_DIR"
fails "$DEVC" system check
has "$(cat out.log)" "can be used by others" "an open state folder"
"$DEVC" system check --fix >/dev/null
eq "$(stat -c %a "$DEVC_STATE_DIR")" 700 "the state folder after --fix"
