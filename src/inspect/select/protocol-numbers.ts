import { parseInteger } from './port-value.ts'

/** ETH_P_* of linux/if_ether.h, by the names of ip(8). */
const ETHERNET: Readonly<Record<string, number>> = {
  all: 3,
  ip: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  '802.1q': 0x8100,
  ipv6: 0x86dd,
  ppp_ses: 0x8864,
  ppp_disc: 0x8863,
  '802.1x': 0x888e,
  lldp: 0x88cc,
}

/** NETLINK_* of linux/netlink.h, by the names of ss(8). */
const NETLINK: Readonly<Record<string, number>> = {
  rtnl: 0,
  usersock: 2,
  fw: 3,
  tcpdiag: 4,
  nflog: 5,
  xfrm: 6,
  selinux: 7,
  iscsi: 8,
  audit: 9,
  fiblookup: 10,
  connector: 11,
  nft: 12,
  uevent: 15,
  genl: 16,
  'scsi-trans': 18,
  ecryptfs: 19,
  rdma: 20,
  crypto: 21,
}

/** The number of an Ethernet protocol: by name, or a number as C writes it. */
export function ethernetProtocol(text: string): number | undefined {
  return numberOf(ETHERNET, text)
}

/** The number of a netlink protocol: by name, or a number as C writes it. */
export function netlinkProtocol(text: string): number | undefined {
  return numberOf(NETLINK, text)
}

function numberOf(table: Readonly<Record<string, number>>, text: string): number | undefined {
  const name = text.toLowerCase()
  return Object.hasOwn(table, name) ? table[name] : parseInteger(text)
}
