mkdir in; echo 1 > in/a; tar --mtime=@0 -cf b.tar in; mv in c; echo 2 > d
