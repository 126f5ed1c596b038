echo 1 > f; tar --mtime=@0 -cf t.tar f; echo 2 > f; tar --mtime=@0 -rf t.tar f; rm f
