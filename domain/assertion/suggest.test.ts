import { expect, it } from 'vitest';
import { suggestAssertion } from './suggest.ts';

const tools = ['create_order', 'get order'];

it.each([
  ['calls `create_order` exactly onse', 'calls `create_order` exactly once'],
  ['calls create_order exacly twice', 'calls create_order exactly twice'],
  ['no tool call fials', 'no tool call fails'],
  [
    '`create_order` result feild `status` equals "confirmed"',
    '`create_order` result field `status` equals "confirmed"',
  ],
  ['create_order result contians "contians"', 'create_order result contains "contians"'],
  ['calls `create_order` once', null],
  ['the agent is polite', null],
  ['', null],
  ['calls `create_order` exactly nonsense', null],
])('for %j suggests %j', (line, expected) => expect(suggestAssertion(line, tools)).toBe(expected));
