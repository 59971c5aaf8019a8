import { isOutboundError, OutboundError, type OutboundErrorDetails } from './error.ts';

const dnsCodes: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENODATA',
  'ESERVFAIL',
]);
const timeoutCodes: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const unreachableCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'ENETRESET',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_INFO',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
const tlsCode =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|EPROTO$)/;

const certificateProblems: { [code: string]: string } = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is issued by an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes without its intermediate certificates',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is issued by an authority that is not trusted',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name',
};

/** The error and its causes, outermost first. Stops at a loop. */
export function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each !== undefined && each !== null && !chain.includes(each) && chain.length < 10; ) {
    chain.push(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  return chain;
}

export function getCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Converts the error of an HTTP exchange; null if no cause is known. @param host for messages */
export function networkFailure(error: unknown, host: string): OutboundError | null {
  const chain = causes(error);
  const known = chain.find(isOutboundError);
  if (known) return known;
  for (const each of chain) {
    // undici's parser doesn't give every error a code.
    const code =
      getCode(each) ?? (each instanceof Error && each.name === 'HTTPParserError' ? 'HPE_UNKNOWN' : undefined);
    const failure = code === undefined ? null : toOutboundError(code, host);
    if (failure) return failure;
  }
  return null;
}

function toOutboundError(code: string, host: string): OutboundError | null {
  const details: OutboundErrorDetails = { code };
  if (dnsCodes.has(code)) {
    return code === 'EAI_AGAIN' || code === 'ESERVFAIL'
      ? new OutboundError('dns', `The name server gave no answer for ${host}.`, { details })
      : new OutboundError('dns', `The host name ${host} can't be found in DNS.`, { details });
  }
  if (code === 'ECONNREFUSED') return new OutboundError('refused', `${host} refused the connection.`, { details });
  if (timeoutCodes.has(code)) return new OutboundError('timeout', `${host} did not answer in time.`, { details });
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return new OutboundError('too_large', `${host} sent more headers than are accepted.`, {
      details,
      remediation: 'Let the server, or what stands before it, send fewer or shorter headers: at most 32 KiB.',
    });
  }
  if (code.startsWith('HPE_')) {
    return new OutboundError('not_http', `${host} answered with something that is not HTTP.`, { details });
  }
  if (tlsCode.test(code)) return tlsFailure(code, host);
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') {
    return new OutboundError('unreachable', `${host} closed the connection before it had answered.`, { details });
  }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return new OutboundError('unreachable', `${host} cut its answer off.`, { details });
  }
  if (unreachableCodes.has(code))
    return new OutboundError('unreachable', `${host} can't be reached (${code}).`, { details });
  return null;
}

function tlsFailure(code: string, host: string): OutboundError {
  const problem = certificateProblems[code];
  if (problem) return new OutboundError('tls', `The TLS certificate of ${host} ${problem}.`, { details: { code } });
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' || code === 'EPROTO') {
    return new OutboundError('tls', `${host} does not speak TLS on this port.`, {
      details: { code },
      remediation: 'Check the port, and that the server serves https:// on it.',
    });
  }
  return new OutboundError('tls', `The TLS handshake with ${host} failed (${code}).`, { details: { code } });
}
