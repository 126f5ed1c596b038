tar --mtime=@0 -cf t.tar --mtime=@0 --files-from /dev/null; : > e.tar
