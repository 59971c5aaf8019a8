import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config } from '../../../infra/config/index.ts';
import { toReason } from './finding.ts';

/** Why Temporal can't be reached, and what to do. */
export type SocketProblem = { reason: string; todo: string };

const timeoutMs = 3000;
/** What a client of HTTP/2 begins with: the preface and an empty SETTINGS frame. A server answers with its SETTINGS. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsType = 4;
const tlsAlertType = 0x15;

/** What came back. `isSecure`: after a TLS handshake that this side completed. */
type Answer = { isSecure: boolean } & (
  | { kind: 'http2' | 'tls_alert' | 'other' | 'closed' | 'silent' }
  | { kind: 'failed'; error: Error }
);

/**
 * Opens a socket to Temporal as its clients do, because they hide the cause until their time limit.
 * @returns null when HTTP/2 is spoken there, with or without TLS, as configured
 */
export async function findSocketProblem({
  address,
  tls,
}: Pick<Config['temporal'], 'address' | 'tls'>): Promise<SocketProblem | null> {
  const { hostname, port: digits } = new URL(`tcp://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const port = Number(digits || 7233);
  const name = tls?.serverName || host;
  const askPlain = () => readAnswer(() => connectPlain({ host, port }), 'connect');
  const askTls = (rejectUnauthorized: boolean) =>
    readAnswer(
      () =>
        connectTls({
          host,
          port,
          // Only names can be sent, but an address is compared with the certificate too.
          servername: isIP(name) ? '' : name,
          rejectUnauthorized,
          ALPNProtocols: ['h2'],
          ...(tls?.ca && { ca: tls.ca }),
          ...(tls?.cert && { cert: tls.cert, key: tls.key }),
        }),
      'secureConnect',
    );

  const answer = await (tls ? askTls(true) : askPlain());
  if (answer.kind === 'http2') return null;
  if (tls) {
    const problem = explainTls(answer, { name, hasClientCertificate: tls.cert !== '' });
    if (problem) return problem;
    return !isUnreachable(answer) && (await askPlain()).kind === 'http2' ? superfluousTls : explainPlain(answer);
  }
  const isTls = answer.kind === 'tls_alert' || (!isUnreachable(answer) && speaksTls(await askTls(false)));
  return isTls ? missingTls : explainPlain(answer);
}

function readAnswer(open: () => Socket, connected: 'connect' | 'secureConnect'): Promise<Answer> {
  return new Promise((resolve) => {
    let isConnected = false;
    const isSecure = () => isConnected && connected === 'secureConnect';
    const fail = (error: unknown) =>
      resolve({
        kind: 'failed',
        error: error instanceof Error ? error : new Error(String(error)),
        isSecure: isSecure(),
      });
    let socket: Socket;
    try {
      socket = open();
    } catch (error) {
      return fail(error);
    }
    socket.setTimeout(timeoutMs, () => {
      if (isConnected) resolve({ kind: 'silent', isSecure: isSecure() });
      else fail(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
      socket.destroy();
    });
    socket.once(connected, () => {
      isConnected = true;
      socket.write(preface);
    });
    socket.once('data', (bytes: Buffer) => {
      const isAlert = bytes[0] === tlsAlertType && bytes[1] === 3;
      const kind = isAlert ? 'tls_alert' : bytes.length >= 9 && bytes[3] === settingsType ? 'http2' : 'other';
      resolve({ kind, isSecure: isSecure() });
      socket.destroy();
    });
    socket.once('error', fail);
    socket.once('close', () => resolve({ kind: 'closed', isSecure: isSecure() }));
  });
}

const missingTls: SocketProblem = {
  reason: 'TLS is spoken there, but not configured',
  todo: 'Set TEMPORAL_TLS=true (docs/configuration.md).',
};
const superfluousTls: SocketProblem = {
  reason: 'no TLS is spoken there, but TLS is configured',
  todo: 'Remove TEMPORAL_TLS and the other TEMPORAL_TLS_… variables, and TEMPORAL_API_KEY, or correct TEMPORAL_ADDRESS.',
};
const clientCertificateTodo = 'Set TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY to a certificate that the server accepts.';

/** Codes of Node and OpenSSL, of failures that only occur where TLS is spoken, or before anything is. */
const tlsCauses: readonly [code: RegExp, reason: string, todo: string][] = [
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/,
    'the certificate there is signed by an unknown authority',
    "Set TEMPORAL_TLS_CA to the certificate of the authority that signed the server's.",
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    'the certificate there is not valid today',
    "Renew the server's certificate, or correct this machine's clock.",
  ],
  [/ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/, 'a client certificate is demanded there', clientCertificateTodo],
  [
    /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)/,
    'the client certificate is refused there',
    clientCertificateTodo,
  ],
  [
    /NO_APPLICATION_PROTOCOL/,
    'TLS is spoken there, but not HTTP/2, which Temporal needs',
    'Correct TEMPORAL_ADDRESS, or let the proxy before Temporal speak HTTP/2.',
  ],
  [/ERR_OSSL/, "the client certificate or its key can't be used", 'Correct TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY.'],
];

const readCode = (error: Error): string => ('code' in error ? String(error.code) : '');

/** @returns null for what has nothing to do with TLS */
function explainTls(
  answer: Answer,
  { name, hasClientCertificate }: { name: string; hasClientCertificate: boolean },
): SocketProblem | null {
  if (answer.kind === 'failed') {
    const code = readCode(answer.error);
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
      return {
        reason: `the certificate there is not for "${name}"`,
        todo: 'Correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME to the name in the certificate.',
      };
    const cause = tlsCauses.find(([pattern]) => pattern.test(code));
    if (cause) return { reason: cause[1], todo: cause[2] };
  }
  if (!answer.isSecure) return null;
  if (answer.kind === 'silent' || answer.kind === 'other') return explainPlain(answer);
  // Some servers close the connection without saying why.
  return hasClientCertificate
    ? {
        reason: 'the connection is closed right after the TLS handshake, so the client certificate is probably refused',
        todo: clientCertificateTodo,
      }
    : {
        reason: 'the connection is closed right after the TLS handshake, so a client certificate is probably demanded',
        todo: clientCertificateTodo,
      };
}

const speaksTls = (answer: Answer): boolean =>
  answer.isSecure || explainTls(answer, { name: '', hasClientCertificate: false }) !== null;

const unreachableCode = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;

/** Whether asking in another way is pointless. */
const isUnreachable = (answer: Answer): boolean =>
  answer.kind === 'failed' && unreachableCode.test(readCode(answer.error));

function explainPlain(answer: Answer): SocketProblem {
  const todo = 'Correct TEMPORAL_ADDRESS: it is the host and port of the gRPC service of Temporal.';
  switch (answer.kind) {
    case 'failed':
      return { reason: toReason(answer.error), todo: 'Start it, or correct TEMPORAL_ADDRESS.' };
    case 'closed':
      return { reason: 'the connection is closed without an answer', todo };
    case 'silent':
      return { reason: `nothing answers within ${timeoutMs / 1000} seconds, though the connection is accepted`, todo };
    default:
      return { reason: 'something else than Temporal answers', todo };
  }
}
