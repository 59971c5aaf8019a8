import { describe, expect, it } from 'vitest';
import { findSuperseded, type QueuedDelivery } from './delivery.ts';

/** `opened delivered`, `recovered` (pending), `opened sent` (an attempt has begun): ids are their places. */
const queue = (...texts: string[]): QueuedDelivery[] =>
  texts.map((text, index) => {
    const [kind, state = 'pending'] = text.split(' ');
    return {
      id: String(index),
      kind: kind === 'opened' || kind === 'reminder' || kind === 'flapping' ? kind : 'recovered',
      state: state === 'delivered' || state === 'failed' || state === 'unknown' ? state : 'pending',
      mayHaveArrived: state === 'sent',
    };
  });

describe('superseded deliveries', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [['opened'], []],
    [['recovered'], ['0']],
    [
      ['opened', 'recovered'],
      ['0', '1'],
    ],
    [
      ['opened', 'reminder', 'flapping', 'recovered'],
      ['0', '1', '2', '3'],
    ],
    [['opened sent', 'recovered'], []],
    [['opened delivered', 'recovered'], []],
    [['opened failed', 'recovered'], []],
    [['opened unknown', 'recovered'], []],
    [['opened delivered', 'reminder', 'recovered'], []],
    [
      ['opened delivered', 'recovered', 'opened', 'recovered'],
      ['2', '3'],
    ],
    [
      ['opened', 'recovered', 'opened'],
      ['0', '1'],
    ],
    [['opened delivered', 'recovered', 'opened'], []],
  ])('of %j are %j', (texts, expected) => {
    expect(findSuperseded(queue(...texts))).toEqual(expected);
  });
});
