import ipaddr from 'ipaddr.js';

/**
 * The network that one customer of a provider usually has: a whole IPv4 address, however it is written, or the first
 * 64 bits of an IPv6 address.
 */
export function toNetwork(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString();
}

/** The first 48 bits of an IPv6 network as `toNetwork` returns it; null for any other. */
export function toSite(network: string): string | null {
  const [parts, bits] = network.split('::/');
  return bits === '64' && parts !== undefined ? `${parts.split(':').slice(0, 3).join(':')}::/48` : null;
}

/** Whether an address is one of the Internet's, so not private, loopback, link-local, shared or reserved. */
export const isPublicAddress = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
