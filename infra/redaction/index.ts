import type { ContentBlock, ToolResult } from '../../domain/run/run.ts';
import { describeWeakness } from '../../domain/secret/ordinary.ts';
import { createFinder } from './find.ts';
import { masked, maskJson, maskRanges } from './mask.ts';
import { maskNamed } from './named.ts';
import { listSpellings } from './spellings.ts';

export { masked } from './mask.ts';

const tooDeep = '[nested too deeply to keep]';
/** Deeper than any sensible document, and shallow enough for every stack, including that of Postgres. */
const maxDepth = 200;
/** JSON within strings of JSON: each level doubles its escapes, so real ones are few. */
const maxNestedJson = 8;

/**
 * Masks secrets where data of a target or model enters (docs/security.md, "Redaction"), and replaces what Postgres
 * can't store. What is masked already stays as it is.
 */
export type Redactor = {
  /** Masks the secrets, in every spelling. A JSON text stays JSON. */
  text(text: string): string;
  /** For errors, headers and logs: also masks values after credential-like names. */
  message(text: string): string;
  /** Masks the secrets in all texts, numbers and keys. */
  value(value: unknown): unknown;
  result(result: ToolResult): ToolResult;
  /** An item of `tools/list`: all but its name, which the test refers to. */
  tool(advertised: unknown): unknown;
  /** Masks this secret, too, from now on. */
  learn(secret: string): void;
};

/**
 * @param given the secrets as they are sent; with the scheme, such as `Bearer …`, if that is a part of the value. Those
 * that masking would confuse with ordinary words are ignored
 */
export function createRedactor(given: readonly string[]): Redactor {
  const secrets = new Set([...given].filter((secret) => describeWeakness(secret) === null));
  const createFind = (text: string): ReturnType<ReturnType<typeof createFinder>> => {
    // Many connections never see a text.
    find = createFinder([...secrets].flatMap(listSpellings));
    return find(text);
  };
  let find: ReturnType<typeof createFinder> = createFind;
  const isNumber = (secret: string): boolean => !Number.isNaN(Number(secret));
  let canBeNumber = [...secrets].some(isNumber);

  const text = (given: string, nested = 0): string => {
    const clean = sanitizeForPostgres(given);
    const ranges = find(clean);
    if (ranges.length === 0) return clean;
    return nested < maxNestedJson && isJson(clean)
      ? maskJson(clean, ranges, (content) => text(content, nested + 1))
      : maskRanges(clean, ranges);
  };

  const value = (any: unknown, depth = 0): unknown => {
    if (typeof any === 'string') return text(any);
    if (typeof any === 'number') return canBeNumber && text(String(any)) !== String(any) ? masked : any;
    if (typeof any !== 'object' || any === null) return any;
    if (depth >= maxDepth) return tooDeep;
    if (Array.isArray(any)) return any.map((item) => value(item, depth + 1));
    return entries(any, (key, item) => [text(key), value(item, depth + 1)]);
  };

  const block = (any: ContentBlock): ContentBlock => {
    const { text: own, type, ...rest } = any;
    return {
      // Keeps what the target sent beside the text, such as an image's data.
      ...entries(rest, (key, item) => [text(key), value(item, 1)]),
      type: text(type),
      ...(own !== undefined && { text: text(own) }),
    };
  };
  return {
    text: (given) => text(given),
    message: (given) => maskNamed(text(given)),
    value: (any) => value(any),
    result: ({ content, structuredContent, exactNumbers, notes, ...rest }) => ({
      ...rest,
      ...(exactNumbers !== undefined && {
        exactNumbers: Object.fromEntries(
          Object.entries(exactNumbers).filter((entry) => entry.every((part) => text(part) === part)),
        ),
      }),
      content: content.map(block),
      ...(notes !== undefined && { notes: notes.map((note) => text(note)) }),
      ...(structuredContent !== undefined && { structuredContent: value(structuredContent) }),
    }),
    tool: (any) =>
      typeof any === 'object' && any !== null && !Array.isArray(any)
        ? entries(any, (key, item) => (key === 'name' ? [key, item] : [text(key), value(item, 1)]))
        : value(any),
    learn(secret) {
      if (secrets.has(secret) || describeWeakness(secret) !== null) return;
      secrets.add(secret);
      canBeNumber ||= isNumber(secret);
      find = createFind;
    },
  };
}

/** fromEntries defines own properties, also for a key such as __proto__. */
const entries = (any: object, map: (key: string, item: unknown) => [string, unknown]): { [key: string]: unknown } =>
  Object.fromEntries(Object.entries(any).map(([key, item]) => map(key, item)));

const sanitizeForPostgres = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Plain text.
    return false;
  }
}
