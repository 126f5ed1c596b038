echo 1 > x; mkdir d; echo 2 > d/f; ln -s x l1; ln -s d l2; ln -s d l3
