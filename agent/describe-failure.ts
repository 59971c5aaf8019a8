import type { RequestFailure } from '../domain/monitor/server-failure.ts';
import type { TargetError } from './ports.ts';

/**
 * What failed, with what the server said about it in quotation marks, for people and for the trace. The parts are
 * masked and bounded where the error is created. Untrusted.
 */
export function describeTargetFailure({ kind, message, details }: TargetError): string {
  const { answer, rpcCode, rpcMessage, wwwAuthenticate, location } = details;
  const isNew = (text: string | undefined): text is string => Boolean(text) && !message.includes(oneLine(text ?? ''));
  const rpcError = rpcCode === undefined ? undefined : `JSON-RPC error ${rpcCode}: ${rpcMessage ?? ''}`;
  // The body of a JSON-RPC error is its code and message again.
  const body = kind === 'rpc_error' ? undefined : answer;
  const { error, errorDescription, scope } = wwwAuthenticate ?? {};
  const challenge = [
    ...(isNew(error) ? [`error ${quote(error)}`] : []),
    ...(isNew(errorDescription) ? [`description ${quote(errorDescription)}`] : []),
    ...(isNew(scope) ? [`scope ${quote(scope)}`] : []),
  ];
  const more = [
    ...(isNew(rpcMessage) && isNew(rpcError) ? [`The server said: ${quote(rpcError)}.`] : []),
    ...(isNew(body) ? [`The server said: ${quote(body)}.`] : []),
    ...(challenge.length > 0 ? [`Its WWW-Authenticate header: ${challenge.join(', ')}.`] : []),
    ...(isNew(location) ? [`It redirects to ${location}.`] : []),
  ];
  return [more.length > 0 && !/[.!?…]$/.test(message) ? `${message}.` : message, ...more].join(' ');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
/** On one line, so that a text of the server can't look like one of Armature. */
const quote = (text: string): string => `“${oneLine(text)}”`;

export const toRequestFailure = ({ kind, details: { status } }: TargetError): RequestFailure => ({
  kind,
  ...(status !== undefined && { status }),
});
