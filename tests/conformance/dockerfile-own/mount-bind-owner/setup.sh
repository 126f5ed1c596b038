mkdir d; echo 1 > d/f; chown 33:44 d d/f; chmod 600 d/f
