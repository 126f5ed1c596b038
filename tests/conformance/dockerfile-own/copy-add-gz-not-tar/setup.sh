echo plain > x; gzip -n x; echo plain > y; xz y
