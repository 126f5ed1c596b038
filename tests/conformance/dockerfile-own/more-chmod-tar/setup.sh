mkdir -p in/d; echo 1 > in/a; echo 2 > in/d/b; chmod 711 in/d; chown 3:4 in/d/b
tar -C in -cf t.tar . ; rm -r in
