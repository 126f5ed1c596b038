mkdir in; echo 1 > in/a; tar --mtime=@0 -cf b.tar in; ln -s b.tar l.tar; rm -r in
