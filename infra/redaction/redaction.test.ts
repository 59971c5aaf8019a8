import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, masked } from './index.ts';

/* ---- every spelling that servers use, written down independently of the redactor ---- */

const upper = (text: string) => text.toUpperCase();
const percentAll = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const escapeJson = (text: string) => JSON.stringify(text).slice(1, -1);
const unicodeEscapes = (text: string) =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
const named: { [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const html = (text: string) => text.replace(/[&<>"']/g, (character) => named[character] ?? character);
const entities = (text: string, radix: 10 | 16) =>
  [...text].map((character) => `&#${radix === 16 ? 'x' : ''}${character.codePointAt(0)?.toString(radix)};`).join('');
const base64 = (before: number, encoding: 'base64' | 'base64url') => (text: string) =>
  Buffer.from(`${'u:x'.slice(0, before)}${text};next`).toString(encoding);

const spellings: { [name: string]: (secret: string) => string } = {
  plain: (text) => text,
  'in upper case': upper,
  'in a URL': encodeURIComponent,
  'in a form': (text) => new URLSearchParams({ a: text }).toString().slice(2),
  'percent-encoded as a whole': percentAll,
  'percent-encoded as a whole, upper case': (text) => upper(percentAll(text)),
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  hex: (text) => Buffer.from(text).toString('hex'),
  'upper hex': (text) => upper(Buffer.from(text).toString('hex')),
  ...Object.fromEntries(
    [0, 1, 2].flatMap((before) =>
      (['base64', 'base64url'] as const).map((encoding) => [`${encoding} at ${before}`, base64(before, encoding)]),
    ),
  ),
  'base64 in a URL': (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
  'in JSON': escapeJson,
  'in JSON in JSON': (text) => escapeJson(escapeJson(text)),
  'as JSON escapes': unicodeEscapes,
  'as JSON escapes in JSON': (text) => escapeJson(unicodeEscapes(text)),
  'in HTML': html,
  'as decimal entities': (text) => entities(text, 10),
  'as hexadecimal entities': (text) => entities(text, 16),
  'in HTML in JSON': (text) => escapeJson(html(text)),
  'in a URL in HTML': (text) => html(encodeURIComponent(text)),
};

const characters = (alphabet: string, length: { minLength: number; maxLength: number }) =>
  fc.string({ ...length, unit: fc.constantFrom(...alphabet) });
const alphanumeric = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** Like a real one: not a word, of the characters that headers allow, without spaces at its ends. */
const secrets = fc
  .tuple(
    characters(alphanumeric, { minLength: 1, maxLength: 8 }),
    characters(`${alphanumeric}+/=_-.~:;,!*'"()<>{}[]&%$#@?^|\\ é`, { minLength: 6, maxLength: 60 }),
    characters('0123456789', { minLength: 1, maxLength: 3 }),
  )
  .map(([start, middle, end]) => `${start}${middle}x${end}`);
const words = [
  'create_order',
  'get_order',
  '{"sku":"MUG-001","in_stock":true,"quantity":120}',
  'the order',
  'ok',
  '§ ü',
  '',
];
const surroundings = fc.tuple(fc.constantFrom(...words), fc.constantFrom(...words));
/** Between tokens, and no escape of any kind. */
const gaps = fc.constantFrom(' ', '\n', ', ', ' <', '("', ' = ');

describe('createRedactor', () => {
  describe.each(Object.entries(spellings))('masks a secret %s', (_, spell) => {
    it('in any text, and nothing else of it', () => {
      fc.assert(
        fc.property(secrets, surroundings, gaps, (secret, [before, after], gap) => {
          const { text } = createRedactor([secret]);
          const spelled = spell(secret);
          const result = text(`${before}${gap}${spelled}${gap}${after}`);
          expect(result).not.toContain(spelled);
          expect(result).toContain(masked);
          expect(result.startsWith(before)).toBe(true);
          expect(result.endsWith(after)).toBe(true);
          expect(text(result)).toBe(result);
        }),
      );
    });

    it('in JSON, which stays JSON', () => {
      fc.assert(
        fc.property(secrets, (secret) => {
          const { text, value } = createRedactor([secret]);
          const document = { list: [`it is ${spell(secret)}`, 1.5], key: { [spell(secret)]: null } };
          const result = text(JSON.stringify(document));
          expect(JSON.parse(result)).toEqual(value(document));
          expect(JSON.parse(text(JSON.stringify({ inner: result })))).toEqual({ inner: result });
          expect(result).not.toContain(escapeJson(spell(secret)));
        }),
      );
    });
  });

  it('masks several secrets that touch or overlap, the same way each time', () => {
    fc.assert(
      fc.property(
        fc.array(secrets, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(40), { maxLength: 12 }),
        (all, order) => {
          const { text } = createRedactor(all);
          const spelled = Object.values(spellings);
          const given = order.map((at) => spelled[at % spelled.length]?.(all[at % all.length] ?? '')).join('');
          const once = text(given);
          expect(text(once)).toBe(once);
        },
      ),
    );
  });

  it('leaves a secret within a longer word alone', () => {
    const { text } = createRedactor(['orderkey1', 'production1']);
    for (const plain of ['reorderkey12', 'orderkey1_by_name', 'call `list_production12`', 'préproduction1'])
      expect(text(plain)).toBe(plain);
    expect(text('orderkey1-production1')).toBe(`${masked}-${masked}`);
  });

  it.each([
    ['a scheme', 'Bearer abc123def456', 'abc123def456'],
    ['another scheme', 'ApiKey abc123def456', 'abc123def456'],
    ['spaces around it', '  abc123def456 ', 'abc123def456'],
    ['a cookie', 'sid=abc123def456; theme=dark', 'abc123def456'],
    ['parameters', 'Token token="abc123def456"', 'abc123def456'],
    ['Basic credentials', `Basic ${btoa('alice:hunter2pw')}`, 'hunter2pw'],
    ['Basic credentials, both parts', `Basic ${btoa('alice:hunter2pw')}`, 'alice:hunter2pw'],
    ['latin1', 'clé-secrète-1', 'cl%E9-secr%E8te-1'],
  ])('masks what a server repeats of %s', (_, secret, repeated) => {
    expect(createRedactor([secret]).text(`you sent (${repeated})`)).toBe(`you sent (${masked})`);
  });

  it('ignores what would mask ordinary words', () => {
    const { text } = createRedactor(['true', 'order', 'production', '2024', 'abc1234']);
    expect(text('true order production 2024 abc1234')).toBe('true order production 2024 abc1234');
  });

  it("masks Armature's own keys by their form", () => {
    const key = `amt_${'0a'.repeat(8)}_${'x-'.repeat(21)}Z`;
    expect(createRedactor([]).text(`key=${key}, "\\n${key}"`)).toBe(`key=${masked}, "\\n${masked}"`);
    expect(createRedactor([]).text('amt_1234_short')).toBe('amt_1234_short');
  });

  it('keeps JSON valid where a number, or more than one value, is a secret', () => {
    const { text, value } = createRedactor(['982347982374', 'left1234","right']);
    expect(text('{"a":982347982374,"b":[1,982347982374],"c":-1}')).toBe(`{"a":"${masked}","b":[1,"${masked}"],"c":-1}`);
    expect(value({ a: 982347982374, b: 1 })).toEqual({ a: masked, b: 1 });
    expect(text('["left1234","right"]')).toBe(`"${masked}"`);
    expect(text('982347982374')).toBe(masked);
  });

  it('leaves JSON without a secret as it was written', () => {
    const { text } = createRedactor(['abc123def456']);
    expect(text('{ "n": 1.0, "n": 12345678901234567890 }')).toBe('{ "n": 1.0, "n": 12345678901234567890 }');
    expect(text('{ "n": 1.0, "s":  "abc123def456" }')).toBe(`{ "n": 1.0, "s":  "${masked}" }`);
  });

  it('masks JSON in a string of JSON so that both stay JSON', () => {
    const { text } = createRedactor(['982347982374']);
    const outer = JSON.parse(text(JSON.stringify({ body: JSON.stringify({ n: 982347982374 }) })));
    expect(JSON.parse(outer.body)).toEqual({ n: masked });
  });

  it('masks results and tools, but for the name of a tool', () => {
    const redactor = createRedactor(['abc123def456']);
    const said = 'it is abc123def456';
    const kept = `it is ${masked}`;
    expect(
      redactor.result({
        content: [
          { type: 'text', text: said, annotations: { note: said } },
          { type: 'resource', resource: { uri: 'x://y', text: said } },
        ],
        structuredContent: { token: 'data of the test', abc123def456: said },
        isError: false,
        notes: [said],
        fullBytes: 12,
      }),
    ).toEqual({
      content: [
        { type: 'text', text: kept, annotations: { note: kept } },
        { type: 'resource', resource: { uri: 'x://y', text: kept } },
      ],
      structuredContent: { token: 'data of the test', [masked]: kept },
      isError: false,
      notes: [kept],
      fullBytes: 12,
    });
    const tool = redactor.tool({
      name: 'abc123def456',
      title: said,
      description: said,
      inputSchema: { type: 'object', properties: { a: { default: said, examples: [said], description: said } } },
      outputSchema: { type: 'object', description: said },
      annotations: { title: said, readOnlyHint: true },
    });
    expect(tool).toMatchObject({ name: 'abc123def456', annotations: { title: kept, readOnlyHint: true } });
    expect(JSON.stringify(tool).split('abc123def456')).toHaveLength(2);
    expect(JSON.stringify(redactor.tool([said]))).not.toContain('abc123def456');
  });

  it('gives Postgres only what it can keep: no NUL, no lone surrogate, no bottomless nesting', () => {
    const redactor = createRedactor([]);
    expect(redactor.text('a\u0000b\ud800c')).toBe('a\ufffdb\ufffdc');
    let deep: unknown = 'bottom';
    for (let level = 0; level < 5000; level++) deep = [deep];
    expect(JSON.stringify(redactor.value(deep))).toContain('nested too deeply');
  });

  it('does not take a key that JavaScript treats in its own way for more than a key', () => {
    const value = createRedactor(['abc123def456']).value(JSON.parse('{"__proto__":{"a":"abc123def456"}}'));
    expect(JSON.stringify(value)).toBe(`{"__proto__":{"a":"${masked}"}}`);
  });
});

describe('a message', () => {
  const { message, text } = createRedactor([]);

  it.each([
    ['sent Authorization: Bearer abcdef.ghi, ok', `sent Authorization: Bearer ${masked}, ok`],
    ['https://x.test/?api_key=12345x&q=mug', `https://x.test/?api_key=${masked}&q=mug`],
    ['{"access_token":"abc","n":1}', `{"access_token":"${masked}","n":1}`],
    ['said "{\\"password\\":\\"abc\\"}"', `said "{\\"password\\":\\"${masked}\\"}"`],
    ['Set-Cookie: sid=1; Path=/', `Set-Cookie: ${masked}`],
    ['X-Api-Key: k3y', `X-Api-Key: ${masked}`],
  ])('also masks values after credential-like names: %s', (given, expected) => {
    expect(message(given)).toBe(expected);
    expect(message(expected)).toBe(expected);
    expect(text(given)).toBe(given);
  });

  it.each([
    'a password is required',
    'Bearer error="invalid_token", error_description="The access token expired", scope="write:orders"',
    'The bearer token is missing.',
    'token_type="bearer" max_tokens: 100 max_tokens=100',
    'authorization_uri="https://login.test"',
  ])('keeps words that only speak of credentials: %s', (given) => expect(message(given)).toBe(given));
});

describe('time', () => {
  it('grows with the text alone, whatever is in it', () => {
    const all = Array.from({ length: 20 }, (_, index) => `k${index}-${'aB3/'.repeat(10)}${index}x`);
    const { text } = createRedactor(all);
    // Each would take minutes if the work grew faster than the text.
    const size = 1024 * 1024;
    for (const piece of ['a', '\\', '%41', '&#97;', '"', '{"a":', 'k1-aB3/', 'password=', 'token: '])
      expect(text(piece.repeat(size / piece.length)).length).toBeGreaterThan(0);
  });
});
