mkdir d; echo 1 > d/f; chmod 700 d
