echo 1 > f; chmod 640 f; mkdir -p d/s; echo 2 > d/x; chmod 744 d/x; echo 3 > d/s/y; chmod 600 d/s/y
