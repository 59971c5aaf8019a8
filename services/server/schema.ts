import { z } from 'zod';
import { describeWeakness } from '../../domain/secret/ordinary.ts';
import type { Endpoint, EndpointAuth } from '../../infra/mcp-target/index.ts';
import { oauthInputs } from '../auth-profile/oauth/input.ts';
import { validationError } from '../context/errors.ts';

export const serverName = z.string().trim().min(1, 'Give the server a name.').max(200);
export const profileName = z.string().trim().min(1, 'Give the auth profile a name.').max(100);
export const transport = z.enum(['streamable_http', 'sse']);
export const maxConcurrency = z
  .int()
  .min(1, 'At least one call at a time.')
  .max(64, 'At most 64 calls at a time.')
  .describe('Calls at once to this server, over all its workflows, on one worker.');

/** 0: never. At least the cooldown of a sync. */
export const syncEveryMinutes = z
  .int()
  .refine((minutes) => minutes === 0 || (minutes >= 5 && minutes <= 10_080), 'From 5 minutes to a week; 0 for never.')
  .describe('How often the catalog is synced by itself, in minutes; 0: never.');

/** address.ts checks whether this installation may call the address. */
export const serverUrl = z
  .string()
  .trim()
  .min(1, "Give the address of the server's MCP endpoint.")
  .max(4000)
  .superRefine((text, issue) => {
    const problem = urlProblem(text);
    if (problem) issue.addIssue({ code: 'custom', message: problem });
  });

function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'This is not a URL: write it like https://mcp.example.com/mcp.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The URL has to begin with https://.';
  if (url.username || url.password)
    return 'Take the user name and password out of the URL and give them as an auth profile or a header.';
  const names = [...url.searchParams.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `The query value "${twice}" is given twice.`;
}

// The HTTP client sets the headers of the connection itself.
const reserved = /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
const headerNameProblem = (name: string): string | null => {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/.test(name)) return `"${name.slice(0, 80)}" is not a header name.`;
  return reserved.test(name) ? `The header "${name}" is written by the connection itself.` : null;
};
const headerValueProblem = (value: string): string | null =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? null : 'HTTP allows no line breaks and no such characters in a header.';

export const headerName = z
  .string()
  .trim()
  .superRefine((name, issue) => {
    const problem = headerNameProblem(name);
    if (problem) issue.addIssue({ code: 'custom', message: problem });
  });

const headerValue = z
  .string()
  .max(8000)
  .superRefine((value, issue) => {
    const problem = headerValueProblem(value);
    if (problem) issue.addIssue({ code: 'custom', message: problem });
  });

const shape = 'Extra headers are a JSON object whose values are strings, such as {"X-Team": "qa"}.';

/**
 * Extra headers: a JSON object of strings, or its text as a form sends it (empty for none). In an edit, `null` keeps
 * the stored value of that header.
 */
export const headersInput = z
  .union([z.string().max(100_000), z.record(z.string(), z.unknown())], { error: shape })
  .transform((given, issue): { [name: string]: string | null } => {
    const parsed = typeof given === 'string' ? objectOf(given) : given;
    if (parsed === null) {
      issue.addIssue({ code: 'custom', message: shape });
      return z.NEVER;
    }
    const headers = new Map<string, string | null>();
    for (const [name, value] of Object.entries(parsed)) {
      const problem =
        headerNameProblem(name) ??
        (value === null ? null : typeof value === 'string' ? headerValueProblem(value) : shape) ??
        ([...headers.keys()].some((other) => other.toLowerCase() === name.toLowerCase())
          ? `The header "${name}" is given twice.`
          : null);
      if (problem) issue.addIssue({ code: 'custom', message: problem, path: [name] });
      else if (value === null || typeof value === 'string') headers.set(name, value);
    }
    if (headers.size > 50) issue.addIssue({ code: 'custom', message: 'At most 50 extra headers.' });
    return Object.fromEntries(headers);
  });

function objectOf(text: string): { [name: string]: unknown } | null {
  if (text.trim() === '') return {};
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Removes a pasted `Bearer `, which is added when the token is sent. */
const token = headerValue.transform((text) => text.trim().replace(/^bearer(\s+|$)/i, ''));
const needed = 'Paste the credential.';
/** A weak credential could not be masked in results without changing what they say. */
export const refuseWeak = (credential: string, issue: z.RefinementCtx<string>): void => {
  const weakness = describeWeakness(credential);
  if (credential.trim() === '' || weakness === null) return;
  issue.addIssue({
    code: 'custom',
    message: `This credential ${weakness}, so Armature can't mask it in results. Create a longer one at the server.`,
  });
};

const staticAuths = [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('bearer'), token: token.refine((text) => text !== '', needed).superRefine(refuseWeak) }),
  z.object({
    kind: z.literal('api_key_header'),
    header: headerName,
    value: headerValue.refine((text) => text.trim() !== '', needed).superRefine(refuseWeak),
  }),
] as const;

/** Credentials that are sent as they are. */
export const staticAuth = z.discriminatedUnion('kind', staticAuths) satisfies z.ZodType<EndpointAuth>;
export type StaticAuth = z.output<typeof staticAuth>;

export const authInput = z.discriminatedUnion('kind', [...staticAuths, ...oauthInputs]);
export type AuthInput = z.output<typeof authInput>;

/** As `authInput`. An absent or empty credential keeps the stored one. */
export const authEdit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('bearer'), token: token.superRefine(refuseWeak).optional() }),
  z.object({
    kind: z.literal('api_key_header'),
    header: headerName,
    value: headerValue.superRefine(refuseWeak).optional(),
  }),
  ...oauthInputs,
]);

/** Stands for a segment of a path that is a secret. */
const hidden = '…';

/** Segments of the URL's path that are secret, separated by spaces or lines. */
export const pathSecretInput = z
  .string()
  .max(4000)
  .transform((text) => text.split(/\s+/).filter((segment) => segment !== ''))
  .superRefine((segments, issue) => {
    const weakness = segments.map(describeWeakness).find((each) => each !== null);
    if (weakness)
      issue.addIssue({ code: 'custom', message: `This segment ${weakness}, so it can't be masked in results.` });
  });

export type SplitUrl = {
  /** What a row may hold: `…` for each secret segment, and no query. */
  url: string;
  query: { [name: string]: string };
  /** Secret segments in their order. Null: the address has `…` there, for the stored one. */
  path: (string | null)[];
};

/**
 * Splits an address into what a row may hold and the values that are secrets.
 * @throws ArmatureError `validation_failed` when the path has no such segment
 */
export function splitUrl(text: string, pathSecrets: readonly string[] = []): SplitUrl {
  const { origin, pathname, searchParams } = new URL(text);
  const path: (string | null)[] = [];
  const segments = pathname.split('/').map((segment) => {
    if (pathSecrets.some((secret) => secret === segment || encodeSegment(secret) === segment)) path.push(segment);
    else if (segment === encodeSegment(hidden)) path.push(null);
    else return segment;
    return hidden;
  });
  const missing = pathSecrets.some((secret) => !path.includes(secret) && !path.includes(encodeSegment(secret)));
  if (missing)
    throw validationError([
      {
        field: 'pathSecret',
        message: 'The path of the URL has no such segment. Enter it as it is between two slashes.',
      },
    ]);
  return { url: origin + segments.join('/'), query: Object.fromEntries(searchParams), path };
}

function encodeSegment(segment: string): string {
  const url = new URL('http://a/');
  url.pathname = segment;
  return url.pathname.slice(1);
}

export function joinUrl(url: string, query: { [name: string]: string }, path: readonly string[] = []): string {
  let next = 0;
  const full = new URL(url.replaceAll(/(?<=\/)…(?=\/|$)/g, () => path[next++] ?? hidden));
  for (const [name, value] of Object.entries(query)) full.searchParams.set(name, value);
  return full.href;
}

/** Secret segments of a new server, where there is no stored one to keep. @throws `validation_failed` */
export function newPath(path: SplitUrl['path']): string[] {
  return path.map((segment) => {
    if (segment === null)
      throw validationError([{ field: 'url', message: 'Enter the whole URL: nothing is stored yet for the … in it.' }]);
    return segment;
  });
}

/** Headers of a new server, where there is no stored value to keep. */
export function newHeaders(headers: { [name: string]: string | null }): Endpoint['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value ?? '']));
}
