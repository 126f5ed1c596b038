mkdir d; ln -s nowhere d/l; echo 1 > d/f
