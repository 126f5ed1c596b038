echo 1 > 'a*b'; echo 2 > '[c]'; echo 3 > 'd e'; echo 4 > axb
