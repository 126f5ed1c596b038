mkdir -p a/b; chmod 700 a; chmod 750 a/b; echo 1 > a/b/c
