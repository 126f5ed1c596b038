# Names of containers, networks, volumes, projects, hosts and labels are no shell, no nftables rules, no paths: they are
# refused, or taken letter by letter.
. "$TOP/tests/security/lib.sh"
canary=/tmp/devc-canary-$$; rm -f "$canary"
trap 'rm -f "$canary"; "$DEVC" down -v -t 0 >/dev/null 2>&1 || true' EXIT
own=devc-$("$DEVC" system info -f '{{.ID}}')-
tables() { nft list tables | awk -v own="$own" '$3 !~ /^devc-/ || index($3, own) == 1' | sort; }  # without another devc's
files() { ls -d /etc/* /devc* 2>/dev/null | sort; find "$DEVC_STATE_DIR" "$DEVC_RUN_DIR" -maxdepth 1 ! -name 'devc.db*' | sort; }
before=$(tables; files)
hostile=('$(touch '$canary')' '`touch '$canary'`' "; touch $canary ;" "| touch $canary" '../../etc' '..' '.' '/' 'a/b' 'a b' '"; } flush ruleset' '} ; add table ip evil {' $'line\nbreak' $'\e[2Jx' '-rf' "'" '"' '\' '%s%n' '*' 'ä' "$(printf 'x%.0s' $(seq 300))")
for name in "${hostile[@]}"; do
  for how in "container create --name" "volume create" "network create" "-p"; do
    case $how in
      "container create --name") "$DEVC" container create --name="$name" busybox >id.out 2>err && "$DEVC" container rm "$(cat id.out)" >/dev/null ;;
      -p) printf 'services: {a: {image: busybox}}\n' >p.yaml; "$DEVC" -f p.yaml -p "$name" create >out 2>err && "$DEVC" -f p.yaml -p "$name" down >/dev/null 2>&1 ;;
      *) "$DEVC" $how -- "$name" >out 2>err && "$DEVC" ${how/create/rm} -- "$name" >/dev/null ;;
    esac || { [ -s err ] || die "$how '$name' failed without a word"; }
    [ ! -e "$canary" ] || die "$how '$name' was run"
    ! grep -q $'\e' err || die "$how: an escape sequence in the error"
  done
done
eq "$(tables; files)" "$before" "tables and files"

# Where anything may stand it is data: labels, aliases, host names, variables, commands.
python3 - "${hostile[@]:0:20}" <<'P' >compose.yaml
import json, sys
words = [w for w in sys.argv[1:]]
print(json.dumps({"services": {"web": {"image": "busybox", "init": True, "command": ["sleep", "100"],
  "labels": {"l%d" % i: w.replace("$", "$$") for i, w in enumerate(words)},
  "environment": {"E%d" % i: w.replace("$", "$$") for i, w in enumerate(words)},
  "networks": {"default": {"aliases": ["ok"]}}, "ports": ["127.0.0.1::80"]}}}))
P
"$DEVC" up -d
for i in 0 4 10 13 16; do eq "$("$DEVC" exec -T web sh -c "printf %s \"\$E$i\"")" "${hostile[$i]}" "variable $i as it is"; done
[ ! -e "$canary" ] || die "a label or variable was run"
nft list ruleset | grep -q evil && die "a rule of a name" || true
"$DEVC" down -t 0
for entry in 'hostname: "a;b"' 'hostname: "$$(touch '$canary')"' 'domainname: "x } add table ip evil { "' 'extra_hosts: ["a b:1.2.3.4"]' 'networks: {default: {aliases: ["x y", "a\nb 1.2.3.4"]}}' 'container_name: "../x"'; do
  printf 'services:\n  web:\n    image: busybox\n    command: "true"\n    %s\n' "$entry" >one.yaml
  "$DEVC" -f one.yaml up -d >out 2>&1 || true
  "$DEVC" -f one.yaml down -t 0 >/dev/null 2>&1 || true
  [ ! -e "$canary" ] || die "$entry was run"
done
if nft list tables | grep -q evil; then die "a table of a name"; fi
