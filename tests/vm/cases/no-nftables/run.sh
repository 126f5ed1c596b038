# Without the module nf_tables only containers without a network of their own start.
. /vm/lib.sh
without_own_networks "the kernel has no nftables" nf_tables "nftables: use the firewall: the kernel has no nftables"
