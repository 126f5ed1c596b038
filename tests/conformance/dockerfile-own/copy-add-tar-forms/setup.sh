mkdir -p in/d; echo 1 > in/a; echo 2 > in/d/b; ln -s a in/l; ln in/a in/h; chmod 711 in/d; chown 3:4 in/d/b
tar --mtime=@0 -C in -cf t.tar . ; gzip -nk t.tar; bzip2 -k t.tar; xz -k t.tar; zstd -q t.tar; cp t.tar.gz renamed.bin; echo plain > x; gzip -n x; echo f > f; rm -r in
