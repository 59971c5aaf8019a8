import type { TLSConfig } from '@temporalio/common/lib/internal-non-workflow';
import type { Config } from '../config/index.ts';

export type TemporalAddress = Pick<Config['temporal'], 'address'> & Partial<Pick<Config['temporal'], 'tls' | 'apiKey'>>;

/** How clients and workers connect to Temporal. */
export function buildConnectionOptions({ address, tls, apiKey }: TemporalAddress) {
  return { address, ...(tls && { tls: buildTls(tls) }), ...(apiKey && { apiKey }) };
}

function buildTls({ ca, cert, key, serverName }: NonNullable<TemporalAddress['tls']>): TLSConfig {
  return {
    ...(ca && { serverRootCACertificate: Buffer.from(ca) }),
    ...(cert && key && { clientCertPair: { crt: Buffer.from(cert), key: Buffer.from(key) } }),
    ...(serverName && { serverNameOverride: serverName }),
  };
}
