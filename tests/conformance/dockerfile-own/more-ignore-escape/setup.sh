echo 1 > 'a*'; echo 1 > ab; echo 1 > '#x'; echo 1 > '!y'
