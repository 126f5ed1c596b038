mkdir c2; echo 1 > c2/f; chown 3:4 c2/f; chmod 600 c2/f
