mkdir -p in/d in/l; echo 2 > in/d/b; echo 3 > in/l/f
tar --mtime=@0 -C in -cf t.tar d l; rm -r in
