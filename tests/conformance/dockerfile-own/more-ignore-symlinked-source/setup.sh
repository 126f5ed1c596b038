mkdir real; echo 1 > real/x; ln -s real m
