echo 1 > x; ln -s x l1; ln -s nowhere l2
