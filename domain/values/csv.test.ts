import { expect, it } from 'vitest';
import { toCsv } from './csv.ts';

it('quotes what needs it and defuses formulas', () => {
  const rows = [
    { name: 'plain', count: -3 },
    { name: 'a "quoted", name\nof two lines', count: null },
    { name: '=HYPERLINK("http://example.com")', count: 0 },
    { name: '@SUM(A1)', count: undefined },
  ];
  expect(toCsv(['name', 'count'], rows)).toBe(
    [
      'name,count',
      'plain,-3',
      '"a ""quoted"", name\nof two lines",',
      `"'=HYPERLINK(""http://example.com"")",0`,
      "'@SUM(A1),",
      '',
    ].join('\r\n'),
  );
});
