mkdir in; echo 1 > in/a; tar --mtime=@0 -cf t.tar in; rm -r in; echo f > f
