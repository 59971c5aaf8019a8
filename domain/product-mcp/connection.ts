import { z } from 'zod';

/** Where the credential is in what goes to the API. */
export const placeholder = '{credential}';

const headerName = z
  .string()
  .trim()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'Enter the name of a header, such as Authorization or X-Api-Key.')
  .refine(
    (name) =>
      !/^(connection|content-.*|cookie|expect|host|keep-alive|mcp-.*|proxy-.*|te|trailer|transfer-encoding|upgrade|accept|origin)$/i.test(
        name,
      ),
    'This header belongs to the connection itself. Choose another one.',
  );
const parameterName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_.~[\]-]{1,100}$/, 'Enter the name of a parameter, such as api_key.');
const format = z
  .string()
  .trim()
  .max(200)
  .regex(/^[\x20-\x7e]*$/, 'Use plain letters, digits and signs.')
  .refine((text) => text.split(placeholder).length === 2, `Write ${placeholder} once, where the credential goes.`);

/** Where callers put their credential. */
export const credentialSource = z.discriminatedUnion('in', [
  z.object({ in: z.literal('header'), name: headerName }),
  z.object({ in: z.literal('query'), name: parameterName }),
]);
export type CredentialSource = z.infer<typeof credentialSource>;

/** How the API gets it. `basic`: callers send `user:password`. */
export const credentialTarget = z.discriminatedUnion('in', [
  z.object({ in: z.literal('header'), name: headerName, format: format.default(`Bearer ${placeholder}`) }),
  z.object({ in: z.literal('query'), name: parameterName, format: format.default(placeholder) }),
  z.object({ in: z.literal('cookie'), name: parameterName, format: format.default(placeholder) }),
  z.object({ in: z.literal('basic') }),
]);
export type CredentialTarget = z.infer<typeof credentialTarget>;

/**
 * How a credential is checked before a call. `endpoint`: GET of a path below the base URL, which answers 2xx to a valid
 * credential and 401 or 403 to an invalid one. `presence_only`: any credential passes, and the API refuses the calls.
 */
export const credentialCheck = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('endpoint'),
    path: z
      .string()
      .trim()
      .max(500)
      .regex(/^\/(?!\/)[\x21-\x7e]*$/, 'Enter a path below the base URL, such as /me.')
      .refine(
        (path) => !/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path) && !/[\\#]/.test(path),
        'Enter a plain path, without dots as a segment.',
      ),
  }),
  z.object({ kind: z.literal('presence_only') }),
]);

export const connection = z.object({
  source: credentialSource.prefault({ in: 'header', name: 'Authorization' }),
  target: credentialTarget.prefault({ in: 'header', name: 'Authorization' }),
  check: credentialCheck,
  /** Of one call of the API. */
  timeoutSeconds: z.int().min(1, 'From 1 to 120 seconds.').max(120, 'From 1 to 120 seconds.').default(30),
});
export type Connection = z.infer<typeof connection>;

/** The value that a caller has to send, such as "Authorization: Bearer <credential>". */
export function describeSource({ source, target }: Connection): string {
  const credential = target.in === 'basic' ? '<user>:<password>' : '<credential>';
  if (source.in === 'query') return `the query parameter ${source.name}=${credential}`;
  return isAuthorization(source)
    ? `the header "Authorization: Bearer ${credential}"`
    : `the header "${source.name}: ${credential}"`;
}

/** What the credential is in, such as "the Authorization header". */
export const nameSource = ({ source }: Connection): string =>
  source.in === 'header' ? `the ${source.name} header` : `the query parameter ${source.name}`;

const isAuthorization = (source: CredentialSource): boolean =>
  source.in === 'header' && source.name.toLowerCase() === 'authorization';

/**
 * The credential in what a caller sent.
 * @param sent the header's or parameter's value
 * @returns null if there is none in the expected format
 */
export function readCredential({ source, target }: Connection, sent: string): string | null {
  const credential = isAuthorization(source) ? readAuthorization(sent, target.in === 'basic') : sent.trim();
  if (credential === null || credential === '' || credential.length > maxCredentialLength) return null;
  if (!/^[\x20-\x7e]+$/.test(credential)) return null;
  return target.in === 'basic' && !credential.includes(':') ? null : credential;
}

const maxCredentialLength = 8000;

function readAuthorization(sent: string, isBasic: boolean): string | null {
  const [, scheme = '', value = ''] = /^\s*([A-Za-z-]+) +(\S(?:.*\S)?)\s*$/.exec(sent) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic' || !isBasic) return null;
  return decodeBase64(value);
}

function decodeBase64(text: string): string | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  return atob(text.length % 4 === 0 ? text : text.replace(/=+$/, ''));
}

/** What a request to the API carries of a credential. */
export type Carried = { headers: { [name: string]: string }; query: { [name: string]: string } };

export function carryCredential(target: CredentialTarget, credential: string): Carried {
  if (target.in === 'basic') return { headers: { authorization: `Basic ${btoa(credential)}` }, query: {} };
  const value = target.format.replace(placeholder, () => credential);
  if (target.in === 'query') return { headers: {}, query: { [target.name]: value } };
  return {
    headers: target.in === 'header' ? { [target.name]: value } : { cookie: `${target.name}=${encodeCookie(value)}` },
    query: {},
  };
}

/** Encodes what a cookie's value can't contain. */
const encodeCookie = (value: string): string =>
  value.replace(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/g, encodeURIComponent);
