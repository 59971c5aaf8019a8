import type { Finding } from '../../domain/oauth/rules.ts';
import { maskAddress, maskBody, maskParameters, type TraceStep } from '../../domain/oauth/trace.ts';
import { isOutboundError } from '../outbound/error.ts';
import type { Outbound } from '../outbound/index.ts';
import { createRedactor } from '../redaction/index.ts';
import { OAuthError } from './error.ts';

const timeoutMs = 15_000;
const maxBytes = 256 * 1024;
const shownHeaders = ['www-authenticate', 'content-type', 'cache-control', 'location'] as const;

export type ExchangeOptions = {
  outbound: Outbound;
  now: () => Date;
  /**
   * Origins that a person has confirmed, called where the allow list permits; others only over https at public
   * addresses. `any`: on a person's own machine.
   */
  trusted: ReadonlySet<string> | 'any';
  /** Masked wherever they come back. */
  secrets: readonly string[];
  signal: AbortSignal;
};

export type Answer = { status: number; headers: Headers; contentType: string; body: string; requestedAt: number };
export type Request = {
  title: string;
  url: string;
  method?: 'GET' | 'POST';
  headers?: { [name: string]: string };
  /** A form. */
  parameters?: URLSearchParams;
  /** JSON. */
  json?: object;
  /** What the answer says about the rules. */
  judge?: (answer: Answer) => Finding[];
  /** The body is of no interest, and may never end. */
  headersOnly?: boolean;
};

/** Makes the requests of one sign-in and records each, without its secrets. */
export type Exchanges = {
  trace: TraceStep[];
  /** @throws OAuthError `unreachable`, `issuer_unconfirmed` */
  send(request: Request): Promise<Answer>;
  /** Adds what was found out without a request. */
  note(step: Pick<TraceStep, 'title'> & Partial<TraceStep>): void;
};

export function createExchanges({ outbound, now, trusted, secrets, signal }: ExchangeOptions): Exchanges {
  const trace: TraceStep[] = [];
  const mask = createRedactor(secrets).message;
  const note: Exchanges['note'] = (step) => {
    trace.push({ at: now().toISOString(), request: null, answer: null, problem: null, findings: [], ...step });
  };

  async function send(request: Request): Promise<Answer> {
    const { title, method = request.parameters || request.json ? 'POST' : 'GET', parameters, json } = request;
    const { origin } = new URL(request.url);
    const isTrusted = trusted === 'any' || trusted.has(origin);
    const at = now();
    const shown = { method, url: mask(maskAddress(request.url)), parameters: maskParameters(parameters ?? []) };
    try {
      const response = await outbound.fetch(request.url, {
        method,
        headers: {
          accept: 'application/json',
          ...(parameters && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(json && { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(parameters && { body: parameters.toString() }),
        ...(json && { body: JSON.stringify(json) }),
        signal,
        timeoutMs,
        maxBytes,
        publicOnly: !isTrusted,
        ...(request.headersOnly && { allowStreaming: true }),
      });
      const body = request.headersOnly ? '' : await response.text();
      if (request.headersOnly) await response.body?.cancel();
      const contentType = response.headers.get('content-type')?.slice(0, 200) ?? '';
      const { status, headers } = response;
      const answer = { status, headers, contentType, body, requestedAt: at.getTime() };
      note({
        at: at.toISOString(),
        title,
        request: shown,
        answer: { status, headers: pickHeaders(headers, mask), body: maskBody(body, mask) },
        findings: request.judge?.(answer) ?? [],
      });
      return answer;
    } catch (error) {
      if (signal.aborted || !isOutboundError(error)) throw error;
      note({ at: at.toISOString(), title, request: shown, problem: mask(error.message) });
      if (error.kind === 'blocked' && !isTrusted)
        throw new OAuthError(
          'issuer_unconfirmed',
          `${origin} isn't a public address, and nobody has confirmed it.`,
          'If it is the right authorization server, confirm it.',
          { issuer: origin },
        );
      throw new OAuthError('unreachable', mask(error.message), error.remediation);
    }
  }

  return { trace, send, note };
}

const pickHeaders = (headers: Headers, mask: (text: string) => string): { [name: string]: string } =>
  Object.fromEntries(
    shownHeaders.flatMap((name) => {
      const value = headers.get(name);
      if (value === null) return [];
      const shown = name === 'location' && URL.canParse(value) ? maskAddress(value) : value;
      return [[name, mask(shown).slice(0, 1000)]];
    }),
  );

/** @returns undefined for anything but JSON with a success status */
export function readJson({ status, body }: Answer): unknown {
  if (status < 200 || status > 299) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
