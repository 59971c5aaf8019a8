import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

/** What may be called although it isn't a public address over https. `host`: as in `URL.hostname`. */
export type AllowList = {
  /** Whether this host may be called over http. */
  allowsHttp(host: string): boolean;
  /** Whether this address may be called by this host name, or as a literal, although it isn't public. */
  allowsAddress(host: string, address: Address): boolean;
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

/** Allows all that isn't always refused. */
export const allowAny: AllowList = { allowsHttp: () => true, allowsAddress: () => true };

/**
 * Reads the allow list. A name or `*.name` allows http; a network (or an address) allows its addresses, and http to
 * literal ones; `name=network` allows a name http and the addresses of that network.
 * @throws {Error} naming the entry that can't be read.
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const networks: Network[] = [];
  const names: { matches: (bare: string) => boolean; network: Network | null }[] = [];
  for (const entry of entries.map((each) => each.trim().toLowerCase()).filter((each) => each !== '')) {
    const [left = '', right, ...rest] = entry.split('=');
    const reached = readNetwork(right ?? left);
    const matches = reached && right === undefined ? null : readName(left);
    if (rest.length > 0 || (right !== undefined && !reached) || (!reached && !matches)) throw unreadable(entry);
    if (matches) names.push({ matches, network: reached });
    else if (right === undefined && reached) networks.push(reached);
    else throw unreadable(entry);
  }
  const inNetworks = (address: Address): boolean => networks.some((each) => within(address, each));
  return {
    allowsHttp(host) {
      const address = literalAddress(host);
      if (address) return inNetworks(address) || inNetworks(effective(address));
      return names.some(({ matches }) => matches(bareHost(host)));
    },
    allowsAddress(host, address) {
      if (inNetworks(address)) return true;
      if (literalAddress(host)) return false;
      return names.some(
        ({ matches, network }) => network !== null && within(address, network) && matches(bareHost(host)),
      );
    },
  };
}

function readNetwork(text: string): Network | null {
  const address = literalAddress(text);
  if (address) return [address, address.kind() === 'ipv4' ? 32 : 128];
  return ipaddr.isValidCIDR(text) ? network(text) : null;
}

function readName(text: string): ((bare: string) => boolean) | null {
  if (literalAddress(text) || !/^(\*\.)?[a-z0-9_-][a-z0-9._-]*$/.test(text)) return null;
  const name = bareHost(text);
  return name.startsWith('*.') ? (bare) => bare.endsWith(name.slice(1)) : (bare) => bare === name;
}

const unreadable = (entry: string): Error =>
  new Error(
    `"${entry}" in ARMATURE_ALLOWED_TARGETS can't be read. Write a host name or *.pattern (allows http://), a network ` +
      'such as 10.0.0.0/8 (allows its addresses), or name=network (lets that name lead into that network).',
  );

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
 * @param host what resolved to this address, or spells it
 * @param isOwn whether this address and port is where Armature itself listens
 */
export function refuseAddress(
  text: string,
  { allow, host, isOwn }: { allow: AllowList; host: string; isOwn: (address: Address) => boolean },
): Refusal | null {
  if (!ipaddr.isValid(text)) return { reason: 'not a valid address', always: true };
  const address = ipaddr.parse(text);
  const real = effective(address);
  if ([address, ...embedded(address)].some((each) => metadataNetworks.some((range) => within(each, range)))) {
    return { reason: 'a cloud metadata address', always: true };
  }
  if (isOwn(real)) return { reason: 'an address on which Armature itself listens', always: true };
  if (allow.allowsAddress(host, real) || allow.allowsAddress(host, address)) return null;
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
