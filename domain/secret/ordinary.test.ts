import { describe, expect, it } from 'vitest';
import { describeOrdinary, describeWeakness } from './ordinary.ts';

describe('describeWeakness', () => {
  it.each([
    ['abc1234', 'has fewer than 8 characters'],
    ['  abc1234  ', 'has fewer than 8 characters'],
    ['production', 'is a common word'],
    ['PASSWORD', 'is a common word'],
    ['12345678', 'is a common word'],
  ])('refuses the credential %j', (credential, why) => expect(describeWeakness(credential)).toBe(why));

  it.each(['abcd-1234', '98234798', 'production1', 'sk-live-key'])('takes the credential %j', (credential) =>
    expect(describeWeakness(credential)).toBeNull(),
  );
});

describe('describeOrdinary', () => {
  it.each([
    ['true', 'has fewer than 8 characters'],
    ['order', 'has fewer than 8 characters'],
    ['production', 'is a common word'],
    ['2024-05-01', 'is a number, date or version'],
    ['2024-05-01T10:00:00Z', 'is a number, date or version'],
    ['1234567899', 'is a number, date or version'],
    ['-12345.678', 'is a number, date or version'],
    ['v10.20.30', 'is a number, date or version'],
    ['application/json', 'is a media type'],
    ['application/json, text/event-stream;q=0.8', 'is a media type'],
    ['us-east-1-production', 'consists of common words'],
    ['en-US,en;q=0.9,production', 'consists of common words'],
  ])('says why %j is no secret', (value, why) => expect(describeOrdinary(value)).toBe(why));

  it.each([
    'Bearer abc123',
    'hqzxkvbwpt',
    'AB12-CD34-EF56',
    '1234-5678-9012-345x',
    'https://a.test/x9',
    'k-12345678',
    'production1',
  ])('takes %j for a secret', (value) => expect(describeOrdinary(value)).toBeNull());
});
