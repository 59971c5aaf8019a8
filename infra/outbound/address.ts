import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

/** Hosts and networks that may be called although they aren't public. */
export type AllowList = {
  /** Whether the list includes this host. `host`: as in `URL.hostname`. */
  hasHost(host: string): boolean;
  /** Whether a network of the list includes this address. */
  hasAddress(address: Address): boolean;
};

/** Endpoints that give out an instance's credentials: refused whatever the allow list says. */
const metadataNetworks: Network[] = [
  // AWS (also ECS 169.254.170.2 and EKS 169.254.170.23), GCP, Azure, Oracle, DigitalOcean; Tencent in its own network.
  network('169.254.169.0/24'),
  network('169.254.170.0/24'),
  network('169.254.0.23/32'),
  network('100.100.100.200/32'), // Alibaba
  network('192.0.0.192/32'), // Oracle
  network('168.63.129.16/32'), // Azure's wire server
  network('fd00:ec2::/32'), // AWS
  network('fd20:ce::254/128'), // GCP
  network('fd00:42::42/128'), // Scaleway
];
const metadataHosts: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata.platformequinix.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

const globalUnicast: Network = network('2000::/3');
const nat64: Network = network('64:ff9b::/96');
const sixToFour: Network = network('2002::/16');
const teredo: Network = network('2001::/32');

function network(text: string): Network {
  return ipaddr.parseCIDR(text);
}

function within(address: Address, [base, bits]: Network): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}

export const isMetadataHost = (host: string): boolean => metadataHosts.has(bareHost(host));

/** The host without the brackets of an IPv6 literal and without a trailing dot. */
export function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** The address that a host spells, or null for a name. `host`: as in `URL.hostname`, which normalizes odd spellings. */
export function literalAddress(host: string): Address | null {
  const bare = bareHost(host);
  return ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare) ? ipaddr.parse(bare) : null;
}

/** `localhost` and names below it are the loopback interface, whatever DNS says (RFC 6761). */
export function isLocalhost(host: string): boolean {
  const bare = bareHost(host);
  return bare === 'localhost' || bare.endsWith('.localhost');
}

/**
 * Reads the allow list: host names, `*.name` for every name below, addresses, CIDRs, or `*` for all.
 * @throws {Error} naming the entry that can't be read.
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  const networks: Network[] = [];
  let all = false;
  for (const entry of entries.map((each) => each.trim().toLowerCase()).filter((each) => each !== '')) {
    const address = literalAddress(entry);
    if (entry === '*') all = true;
    else if (address) networks.push([address, address.kind() === 'ipv4' ? 32 : 128]);
    else if (ipaddr.isValidCIDR(entry)) networks.push(network(entry));
    else if (/^\*\.[a-z0-9._-]+$/.test(entry)) suffixes.push(bareHost(entry.slice(1)));
    else if (/^[a-z0-9._-]+$/.test(entry)) hosts.add(bareHost(entry));
    else
      throw new Error(
        `"${entry}" in the list of allowed targets is not a host name, a *.pattern, an address or a CIDR`,
      );
  }
  const hasAddress = (address: Address): boolean => all || networks.some((each) => within(address, each));
  const loopbackAllowed = hasAddress(ipaddr.parse('127.0.0.1')) || hasAddress(ipaddr.parse('::1'));
  return {
    hasAddress,
    hasHost(host) {
      const bare = bareHost(host);
      const address = literalAddress(host);
      if (address) return hasAddress(effective(address));
      if (all || hosts.has(bare) || suffixes.some((suffix) => bare.endsWith(suffix))) return true;
      return loopbackAllowed && isLocalhost(bare);
    },
  };
}

const toIpv4 = (bytes: number[]): ipaddr.IPv4 => new ipaddr.IPv4(bytes);

/** The IPv4 addresses that an IPv6 address may translate to. */
function embedded(address: Address): ipaddr.IPv4[] {
  if (address.kind() === 'ipv4') return [];
  const bytes = address.toByteArray();
  const last = bytes.slice(12);
  if (within(address, sixToFour)) return [toIpv4(bytes.slice(2, 6))];
  if (within(address, teredo)) return [toIpv4(last.map((byte) => byte ^ 0xff))];
  return [toIpv4(last)];
}

/** The address that is actually reached: for IPv4-mapped, IPv4-compatible and NAT64 addresses the IPv4 address. */
function effective(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const head = bytes.slice(0, 12);
  const zeros = (count: number) => head.slice(0, count).every((byte) => byte === 0);
  const mapped = zeros(10) && head[10] === 0xff && head[11] === 0xff;
  const compatible = zeros(12) && bytes.slice(12, 15).some((byte) => byte !== 0);
  return mapped || compatible || within(address, nat64) ? toIpv4(bytes.slice(12)) : address;
}

const rangeLabels: { [range: string]: string } = {
  unspecified: 'the unspecified address',
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  linkLocal: 'a link-local address',
  carrierGradeNat: 'a carrier-grade NAT address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
};

export type Refusal = { reason: string; always: boolean };

/**
 * Why an address may not be called, or null if it may.
 *
 * @param isOwn whether this address and port is where Armature itself listens
 * @param hostAllowed whether the allow list includes the host that resolved to this address
 */
export function refuseAddress(
  text: string,
  { allow, hostAllowed, isOwn }: { allow: AllowList; hostAllowed: boolean; isOwn: (address: Address) => boolean },
): Refusal | null {
  if (!ipaddr.isValid(text)) return { reason: 'not a valid address', always: true };
  const address = ipaddr.parse(text);
  const real = effective(address);
  if ([address, ...embedded(address)].some((each) => metadataNetworks.some((range) => within(each, range)))) {
    return { reason: 'a cloud metadata address', always: true };
  }
  if (isOwn(real)) return { reason: 'an address on which Armature itself listens', always: true };
  if (hostAllowed || allow.hasAddress(real) || allow.hasAddress(address)) return null;
  const range = real.range();
  const isPublic = range === 'unicast' && (real.kind() === 'ipv4' || within(real, globalUnicast));
  return isPublic ? null : { reason: rangeLabels[range] ?? 'a reserved address', always: false };
}

/** Loopback, unspecified (which reaches loopback), or an address of one of this machine's interfaces. */
export function isLocalAddress(address: Address, interfaces: readonly string[]): boolean {
  const range = address.range();
  if (range === 'loopback' || range === 'unspecified') return true;
  const text = address.toNormalizedString();
  return interfaces.some((each) => ipaddr.isValid(each) && ipaddr.parse(each).toNormalizedString() === text);
}
