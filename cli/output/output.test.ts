import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.ts';
import { formatCost, formatDuration, quoteLines } from './quote.ts';
import { createStyle, oneLine, printable } from './style.ts';
import { renderTable } from './table.ts';

const red = '\u001b[31mx\u001b[39m';

describe('colors', () => {
  it.each([
    ['a terminal', true, {}, red],
    ['a file', false, {}, 'x'],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, 'x'],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, red],
    ['a file with FORCE_COLOR', false, { FORCE_COLOR: '1' }, red],
    ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, 'x'],
    ['both', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, 'x'],
  ])('of %s', (_, isTTY, env, text) => {
    expect(createStyle({ isTTY }, env)('red', 'x')).toBe(text);
  });
});

describe('text of servers', () => {
  it('keeps lines and tabs, and no other control characters', () => {
    expect(printable('a\r\n\tb\u001b[2J\u0007\u202ec\u009b')).toBe('a\n\tb\ufffd[2J\ufffd\ufffdc\ufffd');
    expect(oneLine('a\n  b\tc', 100)).toBe('a b c');
    expect(oneLine('abcdef', 4)).toBe('abc…');
  });

  it('stands behind a bar, so that no line begins with a command', () => {
    expect(quoteLines('::error::x\n ::y\n')).toEqual(['  │ ::error::x', '  │  ::y']);
    expect(quoteLines('1\n2\n3', '', 2)).toEqual(['│ 1', '│ 2', '│ … 1 more lines']);
  });
});

it('renders tables with aligned columns', () => {
  const columns = [
    { title: 'NAME', value: ({ name }: { name: string }) => name },
    { title: 'N', value: ({ n }: { n: number }) => String(n), align: 'right' as const },
    { title: 'LAST', value: ({ name }: { name: string }) => name.repeat(2) },
  ];
  const rows = [
    { name: 'a', n: 1 },
    { name: 'longer\nname', n: 100 },
  ];
  expect(renderTable(columns, rows)).toEqual([
    'NAME           N  LAST',
    'a              1  aa',
    'longer name  100  longer namelonger name',
  ]);
});

it.each([
  [0.4, '0 ms'],
  [999, '999 ms'],
  [1500, '1.5 s'],
  [90_000, '1.5 min'],
])('writes %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  [null, ''],
  [0, '$0'],
  [0.00123, '$0.0012'],
  [1.5, '$1.50'],
])('writes a cost of %d as "%s"', (cost, text) => {
  expect(formatCost(cost)).toBe(text);
});

describe('progress', () => {
  const show = (isTTY: boolean, env: { [name: string]: string } = {}) => {
    let written = '';
    const stderr = { isTTY, columns: 20, write: (text: string) => (written += text) };
    const progress = createProgress({ stderr, env });
    progress.live('1/3 ended and more text');
    progress.line('done');
    progress.clear();
    return written;
  };

  it('has a live line below the others on a terminal', () => {
    expect(show(true)).toBe(`1/3 ended and more \r\u001b[2Kdone\n1/3 ended and more \r\u001b[2K`);
  });

  it.each([
    ['a file', false, {}],
    ['CI', true, { CI: 'true' }],
  ])('has plain lines in %s', (_, isTTY, env) => {
    expect(show(isTTY, env)).toBe('done\n');
  });
});
