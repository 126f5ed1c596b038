# Without the module veth only containers without a network of their own start.
. /vm/lib.sh
without_own_networks "the kernel has no interfaces of the kind veth" veth "network interfaces: the kernel has no veth"
