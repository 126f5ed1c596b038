ln -s nowhere dang
