# Where contexts come from and where results go: standard input, git, HTTP, named contexts; folders, archives, layouts.
. "$TOP/tests/e2e/lib.sh"
build() { "$DEVC" image build -q "$@" 2>err || { cat err; die "the build failed: $*"; }; }
fails() { if "$DEVC" image build -q "$@" >out 2>&1; then die "was built, should not: $*"; fi; }
shows() { grep -qF -- "$1" "${2:-out}" || { cat "${2:-out}"; die "no '$1' in the output"; }; }
content() { "$DEVC" container run --rm "$@"; }

mkdir -p ctx/sub && echo file >ctx/file && echo below >ctx/sub/below && ln -s /etc/passwd ctx/outside
printf 'FROM busybox\nCOPY file /file\n' >ctx/Dockerfile; printf 'FROM busybox\nCOPY sub /other\n' >ctx/sub/D

# Standard input: archives of any compression, or a Dockerfile alone
for form in "" z j J; do
  tar -C ctx -c"$form"f ctx.tar . && build -t in - <ctx.tar >id && eq "$(content in cat /file)" file "an archive ($form) as the context"
done
build -t in -f sub/D - <ctx.tar >id && eq "$(content in cat /other/below)" below "another Dockerfile in an archive"
printf 'FROM busybox\nRUN echo alone >/alone\n' | build -t in - >id && eq "$(content in cat /alone)" alone "a Dockerfile as standard input"
printf 'FROM busybox\nCOPY file /\n' | build -t in -f - ctx >id && eq "$(content in cat /file)" file "-f - with a folder"
tar -C ctx -cf ctx.tar . && fails -f outside - <ctx.tar; shows "no such file in the build context"
head -c 3000 ctx.tar | tail -c 2500 >torn; fails - <torn

# git and HTTP on the loopback
git -C ctx init -q -b main && git -C ctx add . && git -C ctx -c user.name=t -c user.email=t@t commit -qm one
mkdir served && git clone -q --bare ctx served/repo.git && cp ctx.tar served/ && cp ctx/sub/D served/Dockerfile && git -C served/repo.git update-server-info
exec 3< <(exec python3 -u -c '
import functools, http.server
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *ignored): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="served"))
print(server.server_port, flush=True)
server.serve_forever()')
server=$!; read -r port <&3
trap 'kill $server' EXIT
build -t net "http://127.0.0.1:$port/ctx.tar" >id && eq "$(content net cat /file)" file "an archive at a URL"
fails "http://127.0.0.1:$port/Dockerfile"; shows '"/sub": not found'
fails "file:$PWD/ctx"; shows "not found"
printf 'FROM busybox\nCOPY --from=more file /got\nADD http://127.0.0.1:%s/ctx.tar /raw/\n' "$port" >named
build -t net -f named --build-context "more=http://127.0.0.1:$port/ctx.tar" . >id && eq "$(content net cat /got)" file "a named context at a URL"

# Outputs
build -o out-dir ctx >id && eq "$(cat out-dir/file)" file "the folder of -o DIR"
build -o - ctx >all.tar && eq "$(tar -xOf all.tar ./file)" file "the archive of -o -"
build -o type=tar,dest=files.tar ctx >id && cmp -s <(tar -tf files.tar | sort) <(tar -tf all.tar | sort) || die "type=tar differs from -"
build -t exported:1 -o type=oci,dest=oci.tar -o type=docker,dest=docker.tar -o type=oci,tar=false,dest=layout ctx >id
id=$(cat id); tar -xf oci.tar oci-layout index.json && tar -xf docker.tar manifest.json
for archive in oci.tar docker.tar; do "$DEVC" image load -q -i $archive >loaded; grep -q exported:1 loaded || die "$archive cannot be loaded"; done
printf 'FROM base\nCOPY --from=base /file /again\n' >from-layout
build -t layout -f from-layout --build-context "base=oci-layout://layout" ctx >/dev/null && eq "$(content layout cat /again)" file "a layout as a named context"
build -o type=cacheonly ctx >cacheonly && eq "$(cat cacheonly)" "$id" "the image of type=cacheonly"
fails -o type=nothing ctx; shows "output type nothing is not known"
fails -o type=tar ctx; shows "needs dest=PATH"
build --iidfile iid --metadata-file meta.json -t named:1 ctx >id
eq "$(cat iid)" "$id" "--iidfile"; grep -q '"image.name": *"[^"]*named:1"' meta.json || die "no name in the metadata"

# Checks: all of them, with their lines, and nothing is built
cat >check <<'D'
FROM busybox as Stage
workdir relative
ENV API_KEY=x
COPY hidden /
CMD echo hi
ENV V=$undefind
EXPOSE 80/TCP
D
echo hidden >.dockerignore; echo x >hidden
if "$DEVC" image build --check -f check . >out 2>&1; then die "findings give status 0"; fi
for finding in FromAsCasing:1 StageNameCasing:1 ConsistentInstructionCasing:2 WorkdirRelativePath:2 SecretsUsedInArgOrEnv:3 CopyIgnoredFile:4 \
               JSONArgsRecommended:5 UndefinedVar:6 ExposeProtoCasing:7; do
  grep -A2 "^WARNING: ${finding%:*}$" out | grep -q "^check:${finding#*:}$" || { cat out; die "not found: $finding"; }
done
printf '# check=error=true;skip=JSONArgsRecommended\nFROM busybox\nMAINTAINER x\nCMD a\n' >strict
fails -f strict .; shows "lint violation found for rules: MaintainerDeprecated"
printf 'FROM busybox\nCMD ["a"]\n' >clean; "$DEVC" image build --check -f clean . >out; shows "Check complete, no warnings found."
