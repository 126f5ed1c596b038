mkdir d; echo 1 > d/a; ln d/a d/b
