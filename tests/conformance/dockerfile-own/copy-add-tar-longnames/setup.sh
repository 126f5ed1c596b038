n=$(printf 'n%.0s' $(seq 1 150)); mkdir -p in/$n; echo 1 > in/$n/$n; ln -s $n in/l; tar --mtime=@0 --format=gnu -C in -cf t.tar .; tar --mtime=@0 --format=pax -C in -cf p.tar .; rm -r in
