mkdir d; mkfifo d/p; echo 1 > d/f
