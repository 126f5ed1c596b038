mkdir -p d/s; echo 1 > d/f; ln -s d l; ln -s ../f d/s/l
