mkdir d; echo 1 > d/f; ln -s f d/l; ln -s ../x d/out; ln -s nowhere d/dang; echo 2 > x; ln -s x link; ln -s d dlink; ln -s /x abslink; ln -s ../../../x up
