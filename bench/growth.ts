import { evaluateAssertion } from '../domain/assertion/evaluate.ts';
import { parseAssertion } from '../domain/assertion/parse.ts';
import { diagnose } from '../domain/diagnosis/diagnose.ts';
import { diffSchema } from '../domain/schema/diff.ts';
import { createRedactor } from '../infra/redaction/index.ts';
import { checkArguments } from '../services/monitor/tool-call/arguments.ts';
import { diagnosisInput } from './diagnosis-input.ts';
import { formatTable } from './figures.ts';

/** Work on hostile input of a size. Returns what it did with it, so that nothing is optimized away. */
type Case = { name: string; sizes: [number, number]; prepare: (size: number) => () => unknown };

const rounds = 7;
const maxGrowth = 3;
const string = { type: 'string' };
const number = { type: 'number' };

const list = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));
const wide = (count: number, schema: object) => ({
  type: 'object',
  properties: Object.fromEntries(list(count, (index) => [`p${index}`, schema])),
});

const schemaCases: Case[] = [
  {
    name: 'diff of properties',
    sizes: [10_000, 20_000],
    prepare: (size) => {
      const [before, after] = [wide(size, string), wide(size, number)];
      return () => diffSchema(before, after, 'input');
    },
  },
  {
    name: 'diff of alternatives',
    sizes: [1000, 2000],
    prepare: (size) => {
      const [before, after] = [0, size].map((offset) => ({
        anyOf: list(size, (index) => ({ const: index + offset })),
      }));
      return () => diffSchema(before, after, 'input');
    },
  },
  {
    name: 'diff of enum values',
    sizes: [20_000, 40_000],
    prepare: (size) => {
      const [before, after] = [0, 1].map((offset) => ({ enum: list(size, (index) => ({ k: index + offset })) }));
      return () => diffSchema(before, after, 'input');
    },
  },
  {
    name: 'arguments against properties',
    sizes: [500, 1000],
    prepare: (size) => {
      const schema = wide(size, string);
      const value = Object.fromEntries(list(size, (index) => [`p${index}`, 1]));
      return () => checkArguments({ tool: 'a', schema }, value, { field: ['arguments'] });
    },
  },
];

const textCases: Case[] = [
  ...['`', '"', '\\', 'calls '].map(
    (piece): Case => ({
      name: `parsing a criterion of ${JSON.stringify(piece)}`,
      sizes: [100_000, 200_000],
      prepare: (size) => {
        const line = `\`a\` result field ${piece.repeat(size / piece.length)}`;
        return () => parseAssertion(line);
      },
    }),
  ),
  {
    name: 'contains on a text',
    sizes: [4_000_000, 8_000_000],
    prepare: (size) => evaluate('`a` result contains "aab"', 'a'.repeat(size)),
  },
  {
    name: 'matches on a text',
    sizes: [40_000, 80_000],
    prepare: (size) => evaluate('`a` result matches /(a|a)*(a|a)*b/', 'a'.repeat(size)),
  },
  ...['a', '%41', '\\', '{"a":['].map(
    (piece): Case => ({
      name: `redaction of a text of ${JSON.stringify(piece)}`,
      sizes: [4_000_000, 8_000_000],
      prepare: (size) => {
        const redactor = createRedactor(list(20, (index) => `${'a'.repeat(20)}b${index}-secret`));
        const text = piece.repeat(size / piece.length);
        return () => redactor.text(text);
      },
    }),
  ),
];

const runCases: Case[] = [
  {
    name: 'diagnosis of a run with renamed tools',
    sizes: [250, 500],
    prepare: (size) => {
      const facts = diagnosisInput(size);
      return () => diagnose(facts);
    },
  },
];

/** Measures how the time of the work on hostile input grows when the input doubles. Prints a table. */
export async function benchGrowth(): Promise<void> {
  const rows = [...schemaCases, ...textCases, ...runCases].map(({ name, sizes, prepare }) => {
    const works = sizes.map(prepare);
    const times: number[][] = [[], []];
    // In turns, so that a slow moment of the machine meets both sizes. The first round warms up.
    for (let round = 0; round <= rounds; round++)
      for (const [index, work] of works.entries()) {
        const startedAt = performance.now();
        work();
        if (round > 0) times[index]?.push(performance.now() - startedAt);
      }
    const [small, large] = times.map((each) => Math.min(...each));
    if (small === undefined || large === undefined) throw new Error('Nothing was measured.');
    const growth = large / small;
    return [
      name,
      sizes[1].toLocaleString('en'),
      `${large.toFixed(1)} ms`,
      growth.toFixed(2),
      growth <= maxGrowth ? '' : 'grows too fast',
    ];
  });
  console.log(formatTable([['work on hostile input', 'size', 'time', `growth (goal: ${maxGrowth})`, ''], ...rows]));
}

function evaluate(line: string, text: string): () => unknown {
  const parsed = parseAssertion(line);
  if (!parsed.ok) throw new Error(`"${line}" is not an assertion.`);
  const call = {
    index: 0,
    turn: 1,
    tool: 'a',
    arguments: {},
    outcome: 'ok' as const,
    result: { content: [{ type: 'text', text }], isError: false },
    startedAt: new Date(0).toISOString(),
    latencyMs: 1,
    attempts: 1,
  };
  const facts = { calls: [call], events: [], finalAnswer: null, seconds: 1, tokens: 0 };
  return () => evaluateAssertion(parsed.assertion, facts);
}
