# Logs that rotate, compressed or not: `logs` and a `logs -f` that reads along lose and repeat nothing that is kept.
. "$TOP/tests/e2e/lib.sh"
for compress in false true; do
  name=l$$-$compress
  "$DEVC" container create --name "$name" --network none --log-opt max-size=20k --log-opt max-file=200 --log-opt compress=$compress busybox \
    sh -c 'i=0; while [ $i -lt 300 ]; do seq -s " " $i $((i + 100)); i=$((i + 1)); done' >/dev/null
  "$DEVC" container start "$name" >/dev/null
  timeout 60 "$DEVC" container logs -f "$name" >followed
  for i in $(seq 0 299); do seq -s ' ' "$i" $((i + 100)); done >wanted
  cmp wanted followed || die "compress=$compress: logs -f"
  "$DEVC" container logs "$name" | cmp wanted - || die "compress=$compress: logs"
  "$DEVC" container logs --tail 120 "$name" | cmp <(tail -n 120 wanted) - || die "compress=$compress: logs --tail"
  folder=$(dirname "$("$DEVC" container inspect -f '{{.LogPath}}' "$name")")
  if [ $compress = true ]; then
    [ "$(ls "$folder"/log.*.gz | wc -l)" -gt 3 ] || die "not compressed: $(ls "$folder")"
    zcat "$folder/log.1.gz" | head -n 1 | grep -q '"stream":"stdout"' || die "no gzip"
  fi
  "$DEVC" container rm "$name" >/dev/null
done
status=0; "$DEVC" container create --log-opt compress=true busybox >out.log 2>&1 || status=$?
eq $status 125 "compress without a size"
has "$(cat out.log)" "compress cannot be true when max-file is less than 2 or max-size is not set" "what is said"
