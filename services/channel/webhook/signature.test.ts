import { Resend } from 'resend';
import { describe, expect, it } from 'vitest';
import { findSignatureProblem, newSigningSecret, sign } from './signature.ts';

const secret = newSigningSecret();
const now = new Date();
const at = Math.floor(now.getTime() / 1000);
const body = '{"text":"ünïcode 🚨"}';
const signed = (of: Partial<{ id: string; at: number; body: string }> = {}) =>
  sign(secret, { id: 'msg_1', at, body, ...of });
const why = (headers: Partial<{ id: string; timestamp: string; signatures: string }>, given = body, by = secret) =>
  findSignatureProblem(
    by,
    { id: 'msg_1', timestamp: String(at), signatures: signed(), ...headers },
    { body: given, now },
  );

it('makes a new secret each time', () => {
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newSigningSecret()).not.toBe(secret);
});

it('is what another implementation of Standard Webhooks verifies', () => {
  const { webhooks } = new Resend('re_none');
  const headers = { id: 'msg_1', timestamp: String(at), signature: signed() };
  expect(webhooks.verify({ payload: body, headers, webhookSecret: secret })).toEqual({ text: 'ünïcode 🚨' });
  expect(() => webhooks.verify({ payload: body.replace('ü', 'u'), headers, webhookSecret: secret })).toThrow(
    /signature/i,
  );
});

describe('verifying', () => {
  it('takes a fitting signature, also beside others', () => {
    expect(why({})).toBeNull();
    expect(why({ signatures: `v1,AAAA v2,xx ${signed()}` })).toBeNull();
  });

  it.each([
    ['another body', why({}, `${body} `)],
    ['another id', why({ id: 'msg_2' })],
    ['another key', why({}, body, newSigningSecret())],
    ['a later timestamp under an old signature', why({ timestamp: String(at + 1) })],
    ['no signature', why({ signatures: '' })],
    ['a signature of another version', why({ signatures: signed().replace('v1,', 'v2,') })],
    ['no number as the time', why({ timestamp: `${at}abc` })],
    ['one from six minutes ago', why({ timestamp: String(at - 360), signatures: signed({ at: at - 360 }) })],
    ['one from six minutes ahead', why({ timestamp: String(at + 360), signatures: signed({ at: at + 360 }) })],
  ])('refuses %s', (_, problem) => {
    expect(problem).toEqual(expect.any(String));
  });
});
