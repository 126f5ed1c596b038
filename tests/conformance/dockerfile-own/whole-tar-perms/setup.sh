mkdir -p in/etc in/opt/p; chmod 711 in/opt; chmod 700 in/opt/p; echo 1 > in/opt/p/f; chmod 4755 in/opt/p/f; chown 1:2 in/opt/p/f; echo 2 > in/etc/extra; ln in/etc/extra in/etc/hard; ln -s extra in/etc/soft
tar --mtime=@0 -C in -cf t.tar etc opt; rm -r in
