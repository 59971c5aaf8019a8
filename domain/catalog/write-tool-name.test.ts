import { describe, expect, it } from 'vitest';
import { writeToolName } from './write-tool-name.ts';

describe('writeToolName', () => {
  it.each([
    ['get_order', '`get_order`'],
    ['greet (structured)', '`greet (structured)`'],
    ['say "hi"', '`say "hi"`'],
    ['back`tick', '"back`tick"'],
    ['two\nlines', '"two\\nlines"'],
    [' padded ', '" padded "'],
    ['"`"', '"\\"`\\""'],
  ])('writes %j as %s', (name, written) => {
    expect(writeToolName(name)).toBe(written);
  });
});
