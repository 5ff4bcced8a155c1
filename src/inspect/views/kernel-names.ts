/*
 * The names of numbers that the kernel uses, as ss(8) and /etc/protocols write them. A number that
 * is not here stays a number.
 */

/** NETLINK_* of linux/netlink.h. */
export const NETLINK_NAMES: Readonly<Record<number, string>> = {
  0: 'rtnl',
  2: 'usersock',
  3: 'fw',
  4: 'tcpdiag',
  5: 'nflog',
  6: 'xfrm',
  7: 'selinux',
  8: 'iscsi',
  9: 'audit',
  10: 'fiblookup',
  11: 'connector',
  12: 'nft',
  15: 'uevent',
  16: 'genl',
  18: 'scsi-trans',
  19: 'ecryptfs',
  20: 'rdma',
  21: 'crypto',
  22: 'smc',
}

/** The numbers of IP protocols (IANA), those that raw sockets are made for. */
export const IP_PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'ip',
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  41: 'ipv6',
  46: 'rsvp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  89: 'ospf',
  103: 'pim',
  112: 'vrrp',
  115: 'l2tp',
  132: 'sctp',
  136: 'udplite',
  255: 'raw',
}

/** ETH_P_* of linux/if_ether.h. Every protocol is a `*`, as in ss(8). */
export const ETHERNET_NAMES: Readonly<Record<number, string>> = {
  0: 'none',
  3: '*',
  4: '802.2',
  2048: 'ip',
  2054: 'arp',
  32821: 'rarp',
  33024: '802.1q',
  34525: 'ipv6',
  34887: 'mpls',
  34915: 'ppp_disc',
  34916: 'ppp_ses',
  34958: '802.1x',
  35020: 'lldp',
  35063: 'ptp',
}
