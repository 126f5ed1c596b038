# exec in a container that ends at that moment says that it is not running, whatever it was that missed it.
. "$TOP/tests/e2e/lib.sh"
trap '"$DEVC" container rm -f "$COMPOSE_PROJECT_NAME" >/dev/null' EXIT
"$DEVC" container create --name "$COMPOSE_PROJECT_NAME" busybox true >/dev/null
for i in $(seq 40); do
  "$DEVC" container start "$COMPOSE_PROJECT_NAME" >/dev/null
  status=0; "$DEVC" container exec "$COMPOSE_PROJECT_NAME" true 2>said || status=$?
  case $status in
    0 | 137) ;;
    1) has "$(cat said)" "is not running" "attempt $i" ;;
    *) die "attempt $i: status $status: $(cat said)" ;;
  esac
done
