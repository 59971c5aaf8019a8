import { describe, expect, it } from 'vitest';
import { createRedactor, masked } from './index.ts';

const redactor = createRedactor(['s3cret-value"quoted', 'hunter2-long']);

describe('createRedactor', () => {
  it('masks every secret of the organization in texts, also inside JSON and in keys', () => {
    expect(redactor.text('the key is hunter2-long.')).toBe(`the key is ${masked}.`);
    expect(redactor.text(JSON.stringify({ a: 's3cret-value"quoted' }))).toBe(`{"a":"${masked}"}`);
    expect(redactor.value({ 'hunter2-long': ['x hunter2-long'] })).toEqual({ [masked]: [`x ${masked}`] });
  });

  it.each([
    ['password', 'abc'],
    ['Authorization', 'Basic abc'],
    ['x-api-key', 'abc'],
    ['apiKey', 'abc'],
    ['refresh_token', 'abc'],
    ['Set-Cookie', 'a=b'],
    ['clientSecret', 'abc'],
  ])('masks what stands under the name %s', (name, value) => {
    expect(redactor.value({ [name]: value, other: value })).toEqual({ [name]: masked, other: value });
  });

  it('masks deep below a credential-like name, and leaves numbers and flags', () => {
    expect(
      redactor.value({ cookies: [{ name: 'sid', value: 'abc' }], max_tokens: 100, token: null, hasPassword: true }),
    ).toEqual({
      cookies: [{ name: masked, value: masked }],
      max_tokens: 100,
      token: null,
      hasPassword: true,
    });
  });

  it('masks credentials in plain text', () => {
    expect(redactor.text('sent Authorization: Bearer abcdef.ghi, ok')).toBe(`sent Authorization: Bearer ${masked}, ok`);
    expect(redactor.text('https://x.test/?api_key=12345&q=mug')).toBe(`https://x.test/?api_key=${masked}&q=mug`);
    expect(redactor.text('a password is required')).toBe('a password is required');
  });

  it('masks by name in a text block that is JSON, and leaves one without credentials as it was written', () => {
    const plain = '{ "sku" :  "MUG-001" }';
    const result = redactor.result({
      content: [
        { type: 'text', text: '{"access_token":"abc","sku":"MUG-001"}' },
        { type: 'text', text: plain },
        { type: 'resource', resource: { uri: 'x://y', text: 'hunter2-long' } },
      ],
      structuredContent: { session: { token: 'abc' } },
      isError: false,
    });
    expect(result).toEqual({
      content: [
        { type: 'text', text: `{"access_token":"${masked}","sku":"MUG-001"}` },
        { type: 'text', text: plain },
        { type: 'resource', resource: { uri: 'x://y', text: masked } },
      ],
      structuredContent: { session: { token: masked } },
      isError: false,
    });
  });

  it("masks the arguments that a model wrote, and keeps the event's shape", () => {
    const event = redactor.event({
      type: 'model_turn',
      turn: 1,
      content: 'I use hunter2-long',
      toolCalls: [{ index: 0, id: 'call_1', tool: 'login', arguments: '{"password":"abc","user":"u"}' }],
      usage: { input: 1, output: 2 },
      latencyMs: 3,
    });
    expect(event).toEqual({
      type: 'model_turn',
      turn: 1,
      content: `I use ${masked}`,
      toolCalls: [{ index: 0, id: 'call_1', tool: 'login', arguments: `{"password":"${masked}","user":"u"}` }],
      usage: { input: 1, output: 2 },
      latencyMs: 3,
    });
  });

  it('gives Postgres only what it can keep: no NUL, no lone surrogate, no bottomless nesting', () => {
    expect(redactor.text('a\u0000b\ud800c')).toBe('a\ufffdb\ufffdc');
    let deep: unknown = 'bottom';
    for (let level = 0; level < 5000; level++) deep = [deep];
    expect(JSON.stringify(redactor.value(deep))).toContain('nested too deeply');
  });

  it('does not take a key that JavaScript treats in its own way for more than a key', () => {
    const value = redactor.value(JSON.parse('{"__proto__":{"token":"abc"}}'));
    expect(JSON.stringify(value)).toBe(`{"__proto__":{"token":"${masked}"}}`);
  });
});
