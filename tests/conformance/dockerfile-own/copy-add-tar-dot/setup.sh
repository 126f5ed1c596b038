echo 2 > f; tar --mtime=@0 -cf t.tar f; rm f
