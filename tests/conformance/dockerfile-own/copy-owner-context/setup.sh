mkdir d; echo 1 > d/f; chown 33:44 d/f d
