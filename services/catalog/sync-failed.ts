import type { TargetErrorKind } from '../../agent/ports.ts';
import { ArmatureError, untrustedNote } from '../../domain/error/error.ts';
import type { TargetFailure } from '../../infra/mcp-target/index.ts';

/**
 * The failure of a sync. What the server said is in `details.untrusted` alone: agents trust the message of an error.
 */
export function syncFailed({ kind, message, details }: TargetFailure): ArmatureError {
  const { status, rpcCode } = details;
  const said = Object.entries(details).flatMap(([name, value]) => (ours.has(name) ? [] : listTexts(value)));
  const texts = [message, ...said.filter((text) => !message.includes(text))];
  const [what, remediation] = words[kind];
  const numbers = [status && `HTTP status ${status}`, rpcCode && `JSON-RPC error ${rpcCode}`].filter(Boolean);
  return new ArmatureError(
    kind === 'blocked' ? 'target_blocked' : 'sync_failed',
    `The tools of the server could not be listed: ${what}${numbers.length > 0 ? ` (${numbers.join(', ')})` : ''}.`,
    remediation,
    {
      kind,
      ...(status !== undefined && { status }),
      ...(rpcCode !== undefined && { rpcCode }),
      untrusted: { note: untrustedNote, texts: texts.map((text) => ({ from: 'server', text })) },
    },
  );
}

/** Details in Armature's own words. */
const ours: ReadonlySet<string> = new Set(['asked', 'code']);

function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

const readLogs = "Look at the server's logs, or tell its owner what it answered.";
const words: { [kind in TargetErrorKind]: [what: string, remediation: string] } = {
  invalid_url: ['its URL is not valid', 'Correct the URL of the server.'],
  blocked: ['Armature must not call its address', 'An operator can allow the address in ARMATURE_ALLOWED_TARGETS.'],
  dns: ['its host name was not found', 'Check the spelling of the host name and its DNS record.'],
  refused: ['it refuses connections', 'Check that the server is running and listens on this port.'],
  tls: ['no secure connection could be made', "Check the server's certificate: its host name, expiry and chain."],
  timeout: ['it did not answer in time', 'Check whether the server hangs or is overloaded, then sync again.'],
  unreachable: ['it could not be reached', 'Check that the server is up and that nothing cuts the connection.'],
  http_status: ['it answered with an error', "Check the URL's path, and the server's logs."],
  auth: ['it refused the credentials', "Check the credentials of the server's default auth profile."],
  oauth_required: ['it asks for an OAuth sign-in', 'If the server also takes an API key or a token, use that.'],
  not_mcp: ["what answers there isn't an MCP server", 'Check the URL and the transport of the server.'],
  protocol_error: ['its answer does not follow MCP', readLogs],
  too_large: ['its answer is too large', 'The server has to send its tools in pages, or with smaller schemas.'],
  malformed_result: ['its list of tools does not follow MCP', readLogs],
  rpc_error: ['it answered with an error of its own', readLogs],
  session_lost: ['it ended the session', 'Sync again: the server may have restarted.'],
};
