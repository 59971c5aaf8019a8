import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buildConnector } from 'undici';
import {
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

export function createPolicy({ allow, ownPorts, lookup = systemLookup, connectTimeoutMs }: PolicyOptions): Policy {
  const refuse = (host: string, address: string, onOwnPort: boolean): OutboundError | null => {
    const isOwn = (each: Parameters<AllowList['hasAddress']>[0]) =>
      onOwnPort && isLocalAddress(each, interfaceAddresses());
    const refusal = refuseAddress(address, { allow, hostAllowed: allow.hasHost(host), isOwn });
    return refusal && blocked(host, address, refusal);
  };

  const checkedLookup =
    (onOwnPort: boolean): LookupFunction =>
    (host, options, callback) => {
      lookup(host, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, '');
        const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
        const [first] = addresses;
        if (!first) return callback(new OutboundError('dns', `The host name ${host} has no address.`), '');
        for (const { address } of addresses) {
          const problem = refuse(host, address, onOwnPort);
          if (problem) return callback(problem, '');
        }
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    };

  // Own ports have stricter rules, and Node doesn't pass the port to a lookup: hence two connectors.
  const connectors = {
    other: buildConnector({ timeout: connectTimeoutMs, port: 0, lookup: checkedLookup(false) }),
    own: buildConnector({ timeout: connectTimeoutMs, port: 0, lookup: checkedLookup(true) }),
  };

  return {
    checkUrl(input) {
      const url = parseUrl(input);
      const host = url.hostname;
      const onOwnPort = ownPorts().includes(toPort(url.protocol, url.port));
      if (isMetadataHost(host)) throw blocked(host, host, { reason: 'a cloud metadata address', always: true });
      const address = literalAddress(host)?.toString() ?? (isLocalhost(host) ? '127.0.0.1' : null);
      const problem = address && refuse(host, address, onOwnPort);
      if (problem) throw problem;
      if (url.protocol === 'http:' && !allow.hasHost(host)) {
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
      const onOwnPort = ownPorts().includes(toPort(options.protocol, options.port));
      // Node skips the lookup for a literal address.
      const problem = isIP(options.hostname) ? refuse(options.hostname, options.hostname, onOwnPort) : null;
      if (problem) return callback(problem, null);
      connectors[onOwnPort ? 'own' : 'other'](options, callback);
    },
  };
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
