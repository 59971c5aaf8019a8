import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transport } from '@modelcontextprotocol/client';
import type { Outbound } from '../../outbound/index.ts';
import { type Endpoint, hasCredentials } from '../endpoint.ts';
import type { TargetError } from '../error.ts';
import type { Quote } from '../quote.ts';
import type { Evidence } from './evidence.ts';
import { oauthFailure } from './oauth.ts';
import { type RefusedRequest, readRefusal } from './refusal.ts';

export type LinkOptions = {
  outbound: Outbound;
  endpoint: Endpoint;
  url: URL;
  /** Largest answer, and largest event of an endless stream. */
  maxBytes: number;
  quote: Quote;
  note: (text: string, error: unknown) => void;
  isConnecting: () => boolean;
  /** Called before each question. @param asked for messages */
  asking: (method: string, asked: string) => void;
  /** Whether a 401 is looked into: it may mean OAuth. */
  explainsSignIn: () => boolean;
  session?: { id: string; protocolVersion?: string };
};

/** A transport for the SDK on which every request ends with a correct answer or a precise error. */
export type Link = {
  transport: Transport;
  sessionId(): string | undefined;
  /** Ends the session at the server. */
  terminate(): Promise<void>;
};

/** Upper limit for every exchange, whatever the time limit of its call is. */
export const maxExchangeMs = 15 * 60_000;

/** Carries what a server sends besides its answers from the transport to the operation that it belongs to. */
export const evidenceOfOperation = new AsyncLocalStorage<Evidence>();

export const getMediaType = (response: Response): string =>
  response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';

export const isEventStream = (response: Response): boolean =>
  getMediaType(response) === 'text/event-stream' && response.body !== null;

export const describeMediaType = (response: Response, quote: Quote): string =>
  quote(getMediaType(response), 80) || 'an answer without a content type';

export async function explainRefusal(
  response: Response,
  request: Omit<RefusedRequest, 'hasCredentials' | 'url' | 'quote' | 'connecting'>,
  { outbound, endpoint, url, quote, note, isConnecting, explainsSignIn, signal }: LinkOptions & { signal: AbortSignal },
): Promise<TargetError> {
  const isSignedIn = hasCredentials(endpoint);
  const context = { ...request, url, quote, connecting: isConnecting(), hasCredentials: isSignedIn };
  const failure = await readRefusal(response, context);
  if (response.status !== 401 || isSignedIn || !explainsSignIn() || failure.kind === 'session_lost') return failure;
  return (await oauthFailure(response.headers, failure, { outbound, url, signal, note })) ?? failure;
}
