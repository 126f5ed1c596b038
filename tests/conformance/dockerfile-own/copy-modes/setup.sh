echo 1 > a; chmod 600 a; echo 2 > b; chmod 4755 b; echo 3 > c; chmod 000 c; mkdir d e; chmod 700 d; echo 4 > d/f; chmod 2775 e; chmod 1777 e; echo 5 > e/g; chmod 444 e/g; rm -f Dockerfile.bak
