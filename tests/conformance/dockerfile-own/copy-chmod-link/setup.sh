mkdir d; ln -s f d/l; echo 1 > d/f; ln -s d/f l
