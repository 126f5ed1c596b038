head -c 3000 /dev/urandom > f; tar --mtime=@0 -czf all.gz f; head -c 1500 all.gz > t.tar.gz; rm f all.gz
