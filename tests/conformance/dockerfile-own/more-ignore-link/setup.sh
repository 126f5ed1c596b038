mkdir real; echo 1 > real/x; echo 2 > real/y; ln -s real l; ln -s real m
