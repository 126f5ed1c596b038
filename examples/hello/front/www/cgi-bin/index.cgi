#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
wget -q -O - http://worker/cgi-bin/hello
