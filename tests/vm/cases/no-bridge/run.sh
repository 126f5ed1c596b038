# Without the module bridge only containers without a network of their own start.
. /vm/lib.sh
without_own_networks "the kernel has no interfaces of the kind bridge" bridge "network interfaces: the kernel has no bridge"
