import { BlockList, isIP } from 'node:net';

/** Every range that is not ordinary public unicast (IANA special-purpose registries, RFC 6890). */
const RANGES: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The ranges that embed an IPv4 address (compatible, NAT64, Teredo, 6to4) could lead back inside.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [network, prefix] of RANGES) {
  blocked.addSubnet(network, prefix, isIP(network) === 6 ? 'ipv6' : 'ipv4');
}

/** False for loopback, private, link-local, multicast and other special addresses, and for what is no address. */
export const isPublicAddress = (address: string): boolean => {
  const bare = address.split('%', 1)[0] ?? '';
  const family = isIP(bare);
  // BlockList applies the IPv4 rules to IPv4-mapped IPv6 addresses.
  return family !== 0 && !blocked.check(bare, family === 6 ? 'ipv6' : 'ipv4');
};
