# `build SERVICE` builds the service whatever its profiles are, with the contexts that other services are; without a name it stays out.
. "$TOP/tests/e2e/lib.sh"
p=$COMPOSE_PROJECT_NAME
trap '"$DEVC" --profile more down --rmi local' EXIT
cat > compose.yaml <<Y
services:
  plain: {build: {context: ., dockerfile_inline: "FROM busybox\nRUN echo plain > /plain"}}
  extra:
    profiles: [more]
    build: {context: ., dockerfile_inline: "FROM busybox\nCOPY --from=other /plain /other", additional_contexts: {other: "service:plain"}}
Y
"$DEVC" build; fails "$DEVC" image inspect "$p-extra"
"$DEVC" image rm "$p-plain" >/dev/null
"$DEVC" build extra
eq "$("$DEVC" container run --rm "$p-extra" cat /other)" plain "what the other service's image has"
"$DEVC" image rm "$p-plain" "$p-extra" >/dev/null
eq "$("$DEVC" run --rm extra cat /other)" plain "run builds both"
fails "$DEVC" build nothing; has "$(cat out.log)" "no such service: nothing" "a service that there is not"
