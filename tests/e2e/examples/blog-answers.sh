# examples/blog: the classic file of compose version 2, MariaDB and WordPress.
. "$TOP/tests/e2e/lib.sh"
"$DEVC" image inspect debian:bookworm >/dev/null 2>&1 || "$TOP/examples/images/debian"
cp -r "$TOP/examples/blog" . && cd blog
export BLOG_PORT; BLOG_PORT=$(free_port)
trap '[ $? = 0 ] || "$DEVC" logs --tail 20; "$DEVC" down -v -t 0' EXIT
"$DEVC" up -d
page() { [[ $(curl -sfL "http://127.0.0.1:$BLOG_PORT/wp-admin/install.php") == *WordPress* ]]; }
until_ok 60 page
curl -sf -o /dev/null --data "weblog_title=devc&user_name=admin&admin_password=correct-horse&admin_password2=correct-horse&pw_weak=1&admin_email=a%40example.test&blog_public=0" \
  "http://127.0.0.1:$BLOG_PORT/wp-admin/install.php?step=2" || die "installation"
has "$(curl -sfL "http://127.0.0.1:$BLOG_PORT/")" "devc" "the blog's title"
"$DEVC" down -t 5
"$DEVC" up -d
titled() { [[ $(curl -sfL "http://127.0.0.1:$BLOG_PORT/") == *devc* ]]; }
until_ok 60 titled
