import { describeOrdinary } from '../../domain/secret/ordinary.ts';
import { decode, type Escape, escapes } from './decode.ts';

/** One way to write a secret. */
export type Pattern = {
  text: string;
  /** A plain spelling counts only where a token begins and ends, not within a longer word. */
  isToken: boolean;
  /** Characters of base64 next to it that contain a part of the secret: 0 or 1. */
  before: number;
  after: number;
};

/**
 * The spellings of a secret to look for. Percent-encoding and escapes of JSON and HTML aren't among them: the text is
 * decoded instead, because each character can be escaped or not.
 */
export function listSpellings(secret: string): Pattern[] {
  return listParts(secret).flatMap((part) => [...listPlain(part), ...toBytes(part).flatMap(listEncoded)]);
}

/** The secret, and what a server may repeat of it on its own. */
function listParts(secret: string): string[] {
  const whole = secret.trim();
  const [, scheme, token] = /^([A-Za-z][\w-]*)\s+(\S+)$/.exec(whole) ?? [];
  const parts = [token, ...listPairs(whole), ...listPairs(token ?? '')];
  if (token !== undefined && scheme?.toLowerCase() === 'basic') {
    const decoded = Buffer.from(token, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    parts.push(decoded, ...(colon < 0 ? [] : [decoded.slice(0, colon), decoded.slice(colon + 1)]));
  }
  return [whole, ...parts.filter((part) => part !== undefined && describeOrdinary(part) === null)].filter(
    (part) => part !== undefined,
  );
}

/** The values of `name=value; name="value"`, as in cookies and composite credentials. */
function listPairs(text: string): string[] {
  const pairs = text.split(/[;,]/).map((pair) => /^\s*[\w.-]+="?([^"\s=]+={0,2})"?\s*$/.exec(pair)?.[1]);
  return pairs.every((value) => value !== undefined) ? pairs : [];
}

/**
 * The part itself, and what is left of it when a text is decoded that escapes it in another way: `%41&` in HTML is
 * `%41&amp;`, which decodes to `A&`.
 */
function listPlain(part: string): Pattern[] {
  const found = new Set([part]);
  for (const text of found) {
    // Two levels of escapes are decoded into at most a few texts.
    if (found.size > 16) break;
    for (const kinds of [...escapeSets, escapes]) found.add(decode(text, kinds));
  }
  return [...found]
    .filter((text) => text === part || describeOrdinary(text) === null)
    .map((text) => ({ text, isToken: true, before: 0, after: 0 }));
}

/** All that a decoder may leave out. */
const escapeSets: readonly Escape[][] = escapes.flatMap((kind, index) => [
  [kind],
  ...escapes.slice(index + 1).map((other) => [kind, other]),
]);

/** Headers are sent as latin1, everything else as UTF-8. */
function toBytes(text: string): Buffer[] {
  const utf8 = Buffer.from(text);
  return utf8.length > text.length && /^[\0-\xff]*$/.test(text) ? [utf8, Buffer.from(text, 'latin1')] : [utf8];
}

function listEncoded(bytes: Buffer): Pattern[] {
  return [
    { text: bytes.toString('hex'), isToken: false, before: 0, after: 0 },
    ...[0, 1, 2].flatMap((offset) => {
      // Base64 depends on where the secret begins within the encoded text, and the characters at its ends on neighbors.
      const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
      const from = Math.ceil((offset * 8) / 6);
      const until = Math.floor((padded.length * 8) / 6);
      const edges = { before: offset === 0 ? 0 : 1, after: (padded.length * 8) % 6 === 0 ? 0 : 1 };
      return (['base64', 'base64url'] as const).map((encoding) => ({
        text: padded.toString(encoding).slice(from, until),
        isToken: false,
        ...edges,
      }));
    }),
  ];
}
