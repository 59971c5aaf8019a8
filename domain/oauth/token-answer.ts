import { z } from 'zod';
import type { Finding } from './rules.ts';

export type HttpAnswer = { status: number; contentType: string; cacheControl: string; body: string };

export type Tokens = {
  accessToken: string;
  refreshToken: string | null;
  expiresInSeconds: number | null;
  /** When the refresh token ends, where the server says so. */
  refreshExpiresInSeconds: number | null;
  scope: string | null;
  idToken: string | null;
};

/** `error`: the code of RFC 6749, or `malformed` for an answer that is none. Descriptions are the server's words. */
export type TokenFailure = { error: string; description: string | null; status: number };
export type TokenAnswer = ({ ok: true; tokens: Tokens } | ({ ok: false } & TokenFailure)) & { findings: Finding[] };

const seconds = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);
const text = z.string().min(1).max(50_000).optional().catch(undefined);
const answerMembers = z.object({
  error: z.unknown().optional(),
  error_description: text,
  access_token: text,
  token_type: text,
  refresh_token: text,
  id_token: text,
  scope: text,
  expires_in: seconds,
  refresh_token_expires_in: seconds,
  refresh_expires_in: seconds,
});

/**
 * Reads the answer of a token endpoint: JSON or form-encoded, an error under any status, numbers as text.
 * The findings say where it differs from RFC 6749 and OAuth 2.1.
 */
export function readTokenAnswer(answer: HttpAnswer): TokenAnswer {
  const { status, contentType, cacheControl } = answer;
  const { document, isJson } = parseBody(answer);
  const { data } = answerMembers.safeParse(document);
  const findings: Finding[] = [
    isJson && /\bjson\b/i.test(contentType)
      ? { rule: 'token-format', verdict: 'follows', detail: 'The answer is JSON.' }
      : {
          rule: 'token-format',
          verdict: 'breaks',
          detail: `The answer is ${contentType || 'without a content type'}.`,
        },
  ];
  const error = readError(data?.error);
  if (error !== null) {
    const isError = status >= 400 && status < 500;
    findings.push({
      rule: 'token-error-status',
      verdict: isError ? 'follows' : 'breaks',
      detail: `The error "${error}" came with HTTP status ${status}.`,
    });
    return { ok: false, error, description: data?.error_description ?? null, status, findings };
  }
  if (!data?.access_token || status >= 300)
    return { ok: false, error: status >= 500 ? 'server_error' : 'malformed', description: null, status, findings };
  const type = data.token_type;
  findings.push(
    {
      rule: 'token-type',
      verdict: type?.toLowerCase() === 'bearer' ? 'follows' : 'breaks',
      detail: type === undefined ? 'The answer has no token_type.' : 'The answer has a token_type.',
    },
    {
      rule: 'token-lifetime',
      verdict: data.expires_in === undefined ? 'breaks' : 'follows',
      detail:
        data.expires_in === undefined
          ? 'The answer has no expires_in.'
          : `The token is valid for ${data.expires_in} seconds.`,
    },
    {
      rule: 'token-not-cached',
      verdict: /\bno-store\b/i.test(cacheControl) ? 'follows' : 'breaks',
      detail: `Cache-Control is "${cacheControl.slice(0, 100)}".`,
    },
  );
  if (type !== undefined && type.toLowerCase() !== 'bearer')
    return { ok: false, error: 'unsupported_token_type', description: null, status, findings };
  const tokens = {
    accessToken: data.access_token,
    refreshToken: data.refresh_token ?? null,
    expiresInSeconds: data.expires_in ?? null,
    refreshExpiresInSeconds: positive(data.refresh_token_expires_in ?? data.refresh_expires_in),
    scope: data.scope ?? null,
    idToken: data.id_token ?? null,
  };
  return { ok: true, tokens, findings };
}

/** Keycloak answers 0 for a refresh token without end. */
const positive = (value: number | undefined): number | null => (value !== undefined && value > 0 ? value : null);

function parseBody({ body, contentType }: HttpAnswer): { document: unknown; isJson: boolean } {
  try {
    return { document: JSON.parse(body), isJson: true };
  } catch {
    // Some servers answer in the form that requests have.
    const isForm = /x-www-form-urlencoded|text\/plain/i.test(contentType) || /^[\w.-]+=[^\s<>]*$/.test(body.trim());
    return { document: isForm ? Object.fromEntries(new URLSearchParams(body.trim())) : null, isJson: false };
  }
}

function readError(error: unknown): string | null {
  if (typeof error === 'string' && error !== '') return error.slice(0, 200);
  // Some put an object there.
  if (typeof error === 'object' && error !== null) {
    const named = 'code' in error ? error.code : 'type' in error ? error.type : undefined;
    return typeof named === 'string' ? named.slice(0, 200) : 'unknown_error';
  }
  return null;
}

/** `ended`: the sign-in is over. `client`: the client is refused. `later`: the same request may succeed soon. */
export function classifyFailure({ error, status }: TokenFailure): 'ended' | 'client' | 'later' | 'refused' {
  if (error === 'invalid_grant') return 'ended';
  if (error === 'invalid_client' || error === 'unauthorized_client') return 'client';
  if (status >= 500 || status === 429 || error === 'temporarily_unavailable' || error === 'server_error')
    return 'later';
  return 'refused';
}
