import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../run/run.ts';
import { evaluateAssertion, parseAssertion } from './criterion.ts';
import { call, run, text } from './shop.cases.ts';

function verdict(line: string, result: ToolResult, args: unknown = {}) {
  const parsed = parseAssertion(line);
  if (!parsed.ok) throw new Error(`not an assertion: ${line}`);
  return evaluateAssertion(parsed.assertion, run({ calls: [call(0, 'x', { result, arguments: args })] })).verdict;
}

const json = '{"n":9007199254740993,"list":[1,9007199254740993],"d":0.12345678901234567891,"small":7}';
const parsed: unknown = JSON.parse(json);

describe('a number in a text', () => {
  it.each([
    ['`x` result field `n` equals 9007199254740993', 'pass'],
    ['`x` result field `n` equals 9007199254740992', 'fail'],
    ['`x` result field `n` does not equal 9007199254740992', 'pass'],
    ['`x` result field `n` is greater than 9007199254740992', 'pass'],
    ['`x` result field `n` is less than 9007199254740994', 'pass'],
    ['`x` result field `n` is at most 9007199254740992', 'fail'],
    ['`x` result field `list` contains 9007199254740993', 'pass'],
    ['`x` result field `list` contains 9007199254740992', 'fail'],
    ['`x` result field `d` equals 0.12345678901234567891', 'pass'],
    ['`x` result field `d` equals 0.12345678901234567892', 'fail'],
    ['`x` result field `n` matches /3$/', 'pass'],
    ['`x` result field `small` equals 7.0', 'pass'],
    ['`x` result field `n` equals "9007199254740993"', 'fail'],
    ['`x` result contains "9007199254740993"', 'pass'],
  ])('%s: %s', (line, expected) => {
    expect(verdict(line, text(json))).toBe(expected);
    // Structured content is rounded when it arrives; the text that repeats it is not.
    expect(verdict(line, { ...text('Here it is.', json), structuredContent: parsed })).toBe(expected);
  });
});

describe('a number in structured content that no text repeats', () => {
  it.each([
    ['`x` result field `n` equals 9007199254740993', 'error'],
    ['`x` result field `n` equals 9007199254740992', 'error'],
    ['`x` result field `n` does not equal 9007199254740993', 'error'],
    ['`x` result field `n` is at least 9007199254740993', 'error'],
    ['`x` result field `list` contains 9007199254740993', 'error'],
    ['`x` result field `n` equals 9007199254740999', 'fail'],
    ['`x` result field `n` is greater than 1000', 'pass'],
    ['`x` result field `list` contains 1', 'pass'],
    ['`x` result field `small` equals 7', 'pass'],
    ['`x` result field `small` equals 8', 'fail'],
    ['`x` result field `n` exists', 'pass'],
  ])('%s: %s', (line, expected) => {
    expect(verdict(line, { ...text('x'), structuredContent: parsed })).toBe(expected);
  });
});

describe('a number in arguments', () => {
  it.each([
    ['`x` is called with `id` = 9007199254740993', { id: 9007199254740992 }, 'fail'],
    ['`x` is called with `id` = 9007199254740992', { id: 9007199254740992 }, 'pass'],
    ['`x` is never called with `id` = 9007199254740993', { id: 9007199254740992 }, 'pass'],
    ['`x` is called with `id` = 1.50', { id: 1.5 }, 'pass'],
  ])('%s of %j: %s', (line, args, expected) => {
    expect(verdict(line, text('x'), args)).toBe(expected);
  });
});

describe('a link to a resource', () => {
  const linked: ToolResult = {
    content: [
      { type: 'resource_link', uri: 'demo://resource/1', name: 'One' },
      { type: 'resource', resource: { uri: 'demo://text', text: 'embedded text' } },
    ],
    isError: false,
  };
  it.each([
    ['`x` result contains "demo://resource/1"', 'pass'],
    ['`x` result contains "embedded text"', 'pass'],
    ['`x` result matches /^demo:\\/\\/resource\\/\\d$/m', 'pass'],
    ['`x` result does not contain "demo://resource/2"', 'pass'],
    ['`x` result contains "One"', 'fail'],
  ])('%s: %s', (line, expected) => {
    expect(verdict(line, linked)).toBe(expected);
  });
});
