import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buildConnector } from 'undici';
import {
  type Address,
  type AllowList,
  bareHost,
  isLocalAddress,
  isLocalhost,
  isMetadataHost,
  literalAddress,
  type Refusal,
  refuseAddress,
} from './address.ts';
import { OutboundError } from './error.ts';

export type PolicyOptions = {
  allow: AllowList;
  /** Ports on which Armature itself listens. */
  ownPorts: () => readonly number[];
  /** Servers that Armature uses, also on other machines. Own ports are refused on their hosts too. */
  ownServices?: readonly { host: string; port: number }[];
  /**
   * Resolves names. All addresses that it returns are checked, and one of them is dialled. @default Node's `dns.lookup`
   */
  lookup?: LookupFunction;
  connectTimeoutMs: number;
};

/** Decides which URLs may be called, and again for the address that is dialled. */
export type Policy = {
  /** @throws {OutboundError} `invalid_url` or `blocked` */
  checkUrl(url: string | URL): URL;
  connector: buildConnector.connector;
};

export function createPolicy(options: PolicyOptions): Policy {
  const { allow, ownServices = [], lookup = systemLookup, connectTimeoutMs } = options;
  const ownPorts = (): number[] => [...options.ownPorts(), ...ownServices.map(({ port }) => port)];
  const ownHosts = [...new Set(ownServices.map(({ host }) => bareHost(host)))];
  /** @param own the addresses of the own hosts, or null unless the port is an own one */
  const refuse = (host: string, address: string, own: readonly string[] | null): OutboundError | null => {
    const isOwn = (each: Address) => own !== null && isLocalAddress(each, [...interfaceAddresses(), ...own]);
    const refusal = refuseAddress(address, { allow, host, isOwn });
    return refusal && blocked(host, address, refusal);
  };

  const resolveAll = (
    host: string,
    options: LookupOptions,
    found: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void =>
    lookup(host, { ...options, all: true }, (error, address) =>
      found(error, Array.isArray(address) ? address : [{ address, family: isIP(address) }]),
    );

  /** An own host that can't be found has no address that could be reached. */
  const resolveOwnHosts = async (): Promise<string[]> => {
    const found = ownHosts.map((host) =>
      isIP(host)
        ? [host]
        : new Promise<string[]>((resolve) =>
            resolveAll(host, {}, (error, addresses) => resolve(error ? [] : addresses.map(({ address }) => address))),
          ),
    );
    return (await Promise.all(found)).flat();
  };

  const checkedLookup =
    (own: readonly string[] | null): LookupFunction =>
    (host, options, callback) => {
      resolveAll(host, options, (error, addresses) => {
        if (error) return callback(error, '');
        const [first] = addresses;
        if (!first) return callback(new OutboundError('dns', `The host name ${host} has no address.`), '');
        for (const { address } of addresses) {
          const problem = refuse(host, address, own);
          if (problem) return callback(problem, '');
        }
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    };

  const connect = (own: readonly string[] | null): buildConnector.connector =>
    buildConnector({ timeout: connectTimeoutMs, port: 0, lookup: checkedLookup(own) });
  const connectElsewhere = connect(null);
  const isOwnPort = (protocol: string, port: string): boolean => ownPorts().includes(toPort(protocol, port));

  return {
    checkUrl(input) {
      const url = parseUrl(input);
      const host = url.hostname;
      const onOwnPort = isOwnPort(url.protocol, url.port);
      if (isMetadataHost(host)) throw blocked(host, host, { reason: 'a cloud metadata address', always: true });
      if (onOwnPort && ownHosts.includes(bareHost(host)))
        throw blocked(host, host, { reason: 'a host that Armature itself uses', always: true });
      const problems = knownAddresses(host).map((address) => refuse(host, address, onOwnPort ? ownHosts : null));
      const [problem] = problems;
      if (problem && problems.every((each) => each !== null)) throw problem;
      if (url.protocol === 'http:' && !allow.allowsHttp(host)) {
        throw new OutboundError(
          'blocked',
          `${host} would be called over unencrypted http://, which only allowed hosts may be.`,
          {
            remediation: 'Use https://, or ask the operator to add the host to ARMATURE_ALLOWED_TARGETS.',
          },
        );
      }
      return url;
    },

    connector(options, callback) {
      const dial = (own: readonly string[] | null, connector: buildConnector.connector): void => {
        // Node skips the lookup for a literal address.
        const problem = isIP(options.hostname) ? refuse(options.hostname, options.hostname, own) : null;
        if (problem) callback(problem, null);
        else connector(options, callback);
      };
      // Own ports have stricter rules, and Node doesn't pass the port to a lookup: hence a connector with its own.
      if (!isOwnPort(options.protocol, options.port)) return dial(null, connectElsewhere);
      void resolveOwnHosts().then((own) => dial(own, connect(own)));
    },
  };
}

/** The addresses that a host has whatever DNS says. */
function knownAddresses(host: string): string[] {
  const literal = literalAddress(host);
  if (literal) return [literal.toString()];
  return isLocalhost(host) ? ['127.0.0.1', '::1'] : [];
}

function parseUrl(input: string | URL): URL {
  const url = URL.canParse(input) ? new URL(input) : null;
  if (!url || url.hostname === '') throw new OutboundError('invalid_url', 'This is not a URL that can be called.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundError('invalid_url', `URLs that start with ${url.protocol} can't be called, only https: ones.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundError('invalid_url', 'The URL holds a user name or a password.', {
      remediation: 'Take them out of the URL and give them as credentials of an auth profile.',
    });
  }
  return url;
}

const toPort = (protocol: string, port: string): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);

const interfaceAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));

// The message omits the resolved address, which would reveal the layout of the internal network.
function blocked(host: string, address: string, { reason, always }: Refusal): OutboundError {
  const bare = bareHost(host);
  const verb = bareHost(address) === bare ? 'is' : 'resolves to';
  return new OutboundError('blocked', `${bare} ${verb} ${reason}, which may not be called.`, {
    ...(always && { remediation: 'Use another address: this one is refused whatever the allow list says.' }),
  });
}
