import type { ContentBlock, ToolResult, TraceEventBody } from '../../domain/run/run.ts';

export const masked = '[redacted]';
const tooDeep = '[nested too deeply to keep]';
/** Deeper than any sensible document, and shallow enough for every stack, including that of Postgres. */
const maxDepth = 200;

/** Masks what must not be stored or shown (docs/security.md, "Redaction"), and what Postgres can't keep. */
export type Redactor = {
  text(text: string): string;
  /** Masks the organization's secrets in texts, and all values under credential-like names. */
  value(value: unknown): unknown;
  result(result: ToolResult): ToolResult;
  event<E extends TraceEventBody>(body: E): E;
};

/** @param secrets all values of the organization's secrets, longest first */
export function createRedactor(secrets: readonly string[]): Redactor {
  // As they are, and as they are written inside JSON.
  const needles = [...new Set(secrets.flatMap((each) => [each, JSON.stringify(each).slice(1, -1)]))].sort(
    (a, b) => b.length - a.length,
  );
  const text = (value: string): string => {
    const clean = sanitizeForPostgres(value);
    const known = needles.reduce(
      (rest, needle) => (rest.includes(needle) ? rest.replaceAll(needle, masked) : rest),
      clean,
    );
    return known.replace(credentialInText, (_, name: string) => `${name}${masked}`);
  };

  const value = (any: unknown, depth = 0): unknown => {
    if (typeof any === 'string') return text(any);
    if (typeof any !== 'object' || any === null) return any;
    if (depth >= maxDepth) return tooDeep;
    if (Array.isArray(any)) return any.map((item) => value(item, depth + 1));
    // fromEntries defines own properties, also for a key such as __proto__.
    return Object.fromEntries(
      Object.entries(any).map(([key, item]) => [
        text(key),
        isCredentialName(key) ? hideValues(item, depth + 1) : value(item, depth + 1),
      ]),
    );
  };

  /** Also masks by names if the text is JSON; without anything to mask, the text stays as it was. */
  const document = (any: string): string => {
    const trimmed = any.trimStart();
    if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) return text(any);
    const parsed = parseJson(any);
    if (parsed === undefined || !namesCredential(parsed)) return text(any);
    return JSON.stringify(value(parsed));
  };

  const block = (any: ContentBlock): ContentBlock => {
    const { text: own, type, ...rest } = any;
    // Keeps what the target sent beside the text, such as an image's data.
    const others = value(rest);
    return {
      ...(typeof others === 'object' ? others : {}),
      type: text(type),
      ...(own !== undefined && { text: document(own) }),
    };
  };

  const result = ({ content, structuredContent, isError }: ToolResult): ToolResult => ({
    content: content.map(block),
    ...(structuredContent !== undefined && { structuredContent: value(structuredContent) }),
    isError,
  });

  const texts = <T>(any: T): T =>
    // The shape stays the same: only strings are replaced by strings.
    mapTexts(any, text) as T;

  return {
    text,
    value: (any) => value(any),
    result,
    event(body) {
      if (body.type !== 'model_turn') return texts(body);
      return {
        ...texts(body),
        content: document(body.content),
        toolCalls: body.toolCalls.map((call) => ({ ...texts(call), arguments: document(call.arguments) })),
      };
    },
  };
}

/** `Bearer …` and `name=value`, as in headers, URLs and logs. */
const credentialInText =
  /(\bbearer\s+|\b(?:password|passwd|secret|client_secret|api[_-]?key|access_token|refresh_token|auth_token)=)[^\s"'&,;]{4,}/gi;

const parts = [
  'authorization',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'cookie',
  'credential',
  'privatekey',
];

function isCredentialName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return parts.some((part) => plain.includes(part));
}

/** Masks all texts under a credential-like name. Numbers and booleans stay, such as `max_tokens`. */
function hideValues(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value === '' ? '' : masked;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return tooDeep;
  if (Array.isArray(value)) return value.map((item) => hideValues(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [sanitizeForPostgres(key), hideValues(item, depth + 1)]),
  );
}

function namesCredential(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth >= maxDepth) return depth >= maxDepth;
  if (Array.isArray(value)) return value.some((item) => namesCredential(item, depth + 1));
  return Object.entries(value).some(([key, item]) => isCredentialName(key) || namesCredential(item, depth + 1));
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, map)]));
}

const sanitizeForPostgres = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Plain text.
    return undefined;
  }
}
