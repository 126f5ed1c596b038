mkdir d; echo 1 > d/f; tar --mtime=@0 -cf d/t.tar d/f
