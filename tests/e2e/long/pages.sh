# examples/pages: built with apt-get and npm; cache mounts keep what was downloaded, the secret stays out of the image.
. "$TOP/tests/e2e/lib.sh"
"$DEVC" image inspect debian:bookworm >/dev/null 2>&1 || "$TOP/examples/images/debian"
cp -r "$TOP/examples/pages" . && cd pages
export PAGES_PORT; PAGES_PORT=$(free_port)
trap '[ $? = 0 ] || "$DEVC" logs --tail 20; "$DEVC" down -v -t 0 --rmi local' EXIT
"$DEVC" up -d
until_ok 10 curl -sf "http://127.0.0.1:$PAGES_PORT/index.html"
has "$(curl -sf "http://127.0.0.1:$PAGES_PORT/index.html")" "<strong>npm</strong>" "the page"
"$DEVC" build --no-cache --progress plain >build.log 2>&1
has "$(cat build.log)" "Need to get 0 B" "what apt-get downloads the second time"
"$DEVC" image build -q --target site --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt -t pages-site . >/dev/null
"$DEVC" container run --rm pages-site sh -c '! [ -s /run/secrets/ca ]' || die "the secret is in the image"
"$DEVC" image rm pages-site >/dev/null
