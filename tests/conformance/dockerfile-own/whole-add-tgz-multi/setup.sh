mkdir one two; echo 1 > one/a; echo 2 > two/b; tar --mtime=@0 -czf one.tgz one; tar --mtime=@0 -cJf two.tar.xz two; rm -r one two; echo p > plain.txt
