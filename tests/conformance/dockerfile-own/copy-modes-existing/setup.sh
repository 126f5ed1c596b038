mkdir -p d/sub; echo 1 > d/sub/f; chmod 755 d/sub; chmod 777 d
