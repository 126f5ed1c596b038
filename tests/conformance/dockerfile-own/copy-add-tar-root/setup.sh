mkdir -p in/etc in/new; echo x > in/etc/motd; echo 1 > in/new/f; chmod 700 in/etc
tar --mtime=@0 -C in -cf t.tar etc new; rm -r in
