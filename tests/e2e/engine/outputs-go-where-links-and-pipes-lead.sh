# -o writes into pipes and where links lead to, replaces plain files as a whole, and names what cannot be opened.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" down -t 0' EXIT
cat >compose.yaml <<'Y'
services:
  a: {image: busybox, command: sleep 100, stop_signal: SIGKILL}
Y
"$DEVC" up -d
for command in "export a -o" "image save busybox -o" "graph -o" "network graph -o"; do
  rm -rf real link pipe plain; echo old >real; ln -s real link; mkfifo pipe; echo old >plain
  "$DEVC" $command link
  [ -L link ] && [ "$(stat -c %s real)" -gt 10 ] || die "$command: a link was replaced"
  cat pipe >read & "$DEVC" $command pipe; wait $!
  [ -p pipe ] && cmp -n 64 read real || die "$command: a pipe was replaced"
  "$DEVC" $command plain; cmp -n 64 plain real || die "$command: a plain file"
  fails "$DEVC" $command no/folder/file
  has "$(cat out.log)" "open no/folder/file: No such file or directory" "$command"
done
mkdir context; echo 'FROM busybox' >context/Dockerfile; rm -f link real; ln -s real link
"$DEVC" image build -q --output type=tar,dest=link context
[ -L link ] && tar tf real >/dev/null || die "an archive of a build replaced a link"
ls -a | grep -v -x -e . -e .. -e compose.yaml -e context -e link -e out.log -e pipe -e plain -e read -e real && die "something was left"
true
