import type { Assertion, FieldTest } from '../assertion/assertion.ts';
import { describeCriterion } from '../assertion/criterion.ts';
import { isJsonNumber } from '../json/exact.ts';
import type { Step } from './script.ts';

/** Criteria that no run can meet together, by position; one alone contradicts the steps of the prompt. */
export type Contradiction = { positions: number[]; words: string };

type Placed = { position: number; assertion: Assertion };
/** How often a tool has to be called, and by which criterion. */
type Bound = { times: number; position: number };
type Range = { least: Bound | null; most: Bound | null };

/**
 * Assertions that can't hold in one run: `calls X exactly once` and `never calls X`. With the steps that a scripted
 * tester carries out, also those that its calls can't meet.
 */
export function findContradictions(
  criteria: readonly { text: string }[],
  steps: readonly Pick<Step, 'tool'>[] | null = null,
): Contradiction[] {
  const placed = readAssertions(criteria);
  const ranges = countCalls(placed);
  const made = new Map<string, number>();
  for (const { tool } of steps ?? []) made.set(tool, (made.get(tool) ?? 0) + 1);
  const isSingle = (tool: string) => ranges.get(tool)?.most?.times === 1 || made.get(tool) === 1;
  return [
    ...tooFewAndTooMany(ranges),
    ...opposites(placed),
    ...ofOneResult(placed, isSingle),
    ...(steps ? againstSteps(placed, ranges, { made, count: steps.length }) : []),
  ];
}

/** Tools that criteria need to be called, with the position of a criterion that does. */
export function toolsToCall(criteria: readonly { text: string }[]): Map<string, number> {
  const ranges = countCalls(readAssertions(criteria));
  return new Map([...ranges].flatMap(([tool, { least }]) => (least ? [[tool, least.position]] : [])));
}

const readAssertions = (criteria: readonly { text: string }[]): Placed[] =>
  criteria.flatMap(({ text }, position) => {
    const grading = describeCriterion(text);
    return grading.by === 'assertion' ? [{ position, assertion: grading.assertion }] : [];
  });

function countCalls(placed: readonly Placed[]): Map<string, Range> {
  const ranges = new Map<string, Range>();
  const add = (tool: string, position: number, { least, most }: { least?: number; most?: number }) => {
    const range = ranges.get(tool) ?? { least: null, most: null };
    ranges.set(tool, range);
    if (least !== undefined && least > (range.least?.times ?? 0)) range.least = { times: least, position };
    if (most !== undefined && most < (range.most?.times ?? Number.POSITIVE_INFINITY))
      range.most = { times: most, position };
  };
  for (const { position, assertion } of placed)
    switch (assertion.kind) {
      case 'calls': {
        const { op, times } = assertion.count;
        if (op !== 'at_most') add(assertion.tool, position, { least: times });
        if (op !== 'at_least') add(assertion.tool, position, { most: times });
        break;
      }
      case 'never_calls':
        add(assertion.tool, position, { most: 0 });
        break;
      case 'calls_before':
        for (const tool of [assertion.first, assertion.second]) add(tool, position, { least: 1 });
        break;
      case 'called_with':
        if (!assertion.negated) add(assertion.tool, position, { least: 1 });
        break;
      case 'tool_fails':
      case 'result_text':
      case 'result_field':
      case 'result_fits':
        add(assertion.tool, position, { least: 1 });
        break;
      default:
        break;
    }
  return ranges;
}

function tooFewAndTooMany(ranges: ReadonlyMap<string, Range>): Contradiction[] {
  return [...ranges].flatMap(([tool, { least, most }]) =>
    least && most && least.times > most.times
      ? [
          {
            positions: ordered(least.position, most.position),
            words: `one needs \`${tool}\` to be called ${atLeast(least.times)}, the other ${most.times === 0 ? 'never' : `at most ${inTimes(most.times)}`}`,
          },
        ]
      : [],
  );
}

/** Two criteria of which one says the opposite of the other. */
function opposites(placed: readonly Placed[]): Contradiction[] {
  const claims = new Map<string, { position: number; negated: boolean }[]>();
  const found: Contradiction[] = [];
  const add = (position: number, negated: boolean, words: string, ...about: unknown[]) => {
    const key = JSON.stringify(about);
    const others = claims.get(key) ?? [];
    claims.set(key, others);
    const other = others.find((each) => each.negated !== negated);
    if (other) found.push({ positions: ordered(other.position, position), words });
    // Equal claims say nothing new.
    if (!others.some((each) => each.negated === negated)) others.push({ position, negated });
  };
  for (const { position, assertion } of placed)
    switch (assertion.kind) {
      case 'no_call_fails':
        for (const other of placed)
          if (other.assertion.kind === 'tool_fails' && !other.assertion.negated)
            found.push({
              positions: ordered(position, other.position),
              words: `one needs \`${other.assertion.tool}\` to fail, the other no call to fail`,
            });
        break;
      case 'tool_fails':
        add(
          position,
          assertion.negated,
          `\`${assertion.tool}\` can't both fail and never fail`,
          'fails',
          assertion.tool,
        );
        break;
      case 'calls_before': {
        const [one, two] = [assertion.first, assertion.second].sort();
        const words = `\`${one}\` can't come both before and after \`${two}\``;
        add(position, assertion.first !== one, words, 'before', one, two);
        break;
      }
      case 'result_text':
        add(
          position,
          assertion.negated,
          `they say opposite things about the result of \`${assertion.tool}\``,
          'text',
          assertion.tool,
          assertion.test,
        );
        break;
      case 'final_answer':
        add(position, assertion.negated, 'they say opposite things about the final answer', 'answer', assertion.test);
        break;
      case 'called_with': {
        const { tool, path, value } = assertion;
        add(
          position,
          assertion.negated,
          `they say opposite things about \`${path}\` of \`${tool}\``,
          'with',
          tool,
          path,
          value,
        );
        break;
      }
      case 'result_field': {
        const { tool, path, test, negated } = assertion;
        const words = `they say opposite things about \`${path}\` in the results of \`${tool}\``;
        add(position, negated, words, 'field', tool, path, test);
        // A field that has a value is there.
        if (!negated && test.op !== 'exists') add(position, false, words, 'field', tool, path, { op: 'exists' });
        break;
      }
      default:
        break;
    }
  return found;
}

/** What the criteria so far ask of one field of one result. */
type Wanted = { position: number; least: number; most: number; isOpen: boolean; equals: string | null };

/** Values that a field of a single result can't have at once. */
function ofOneResult(placed: readonly Placed[], isSingle: (tool: string) => boolean): Contradiction[] {
  const wanted = new Map<string, Wanted>();
  return placed.flatMap(({ position, assertion }): Contradiction[] => {
    if (assertion.kind !== 'result_field' || assertion.negated || !isSingle(assertion.tool)) return [];
    const { tool, path, test } = assertion;
    const now = wantedBy(test);
    if (!now) return [];
    const key = JSON.stringify([tool, path]);
    const other = wanted.get(key);
    if (!other) {
      wanted.set(key, { position, ...now });
      return [];
    }
    const least = Math.max(other.least, now.least);
    const most = Math.min(other.most, now.most);
    const isOpen = other.isOpen || now.isOpen;
    const differs = other.equals !== null && now.equals !== null && other.equals !== now.equals;
    if (!differs && least <= most && !(least === most && isOpen)) {
      wanted.set(key, { position, least, most, isOpen, equals: now.equals ?? other.equals });
      return [];
    }
    const words = `the one result of \`${tool}\` can't meet both with \`${path}\``;
    return [{ positions: ordered(other.position, position), words }];
  });
}

/** The numbers that a test allows; a value that is no number is told by `equals` alone. */
function wantedBy(test: FieldTest): Omit<Wanted, 'position'> | null {
  const any = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, isOpen: false, equals: null };
  switch (test.op) {
    case 'equals': {
      const number = isJsonNumber(test.value) ? Number(String(test.value)) : null;
      const equals = JSON.stringify(test.value);
      return number === null ? { ...any, equals } : { least: number, most: number, isOpen: false, equals };
    }
    case 'at_least':
    case 'greater_than':
      return { ...any, least: Number(String(test.number)), isOpen: test.op === 'greater_than' };
    case 'at_most':
    case 'less_than':
      return { ...any, most: Number(String(test.number)), isOpen: test.op === 'less_than' };
    default:
      return null;
  }
}

/** Counts that the calls of a script can't meet. */
function againstSteps(
  placed: readonly Placed[],
  ranges: ReadonlyMap<string, Range>,
  steps: { made: ReadonlyMap<string, number>; count: number },
): Contradiction[] {
  const wrong = [...ranges].flatMap(([tool, { least, most }]): Contradiction[] => {
    const made = steps.made.get(tool) ?? 0;
    const words = `the prompt's steps call \`${tool}\` ${made === 0 ? 'never' : inTimes(made)}, the criterion needs`;
    if (least && made < least.times)
      return [{ positions: [least.position], words: `${words} it ${atLeast(least.times)}` }];
    if (most && made > most.times)
      return [
        {
          positions: [most.position],
          words: `${words} it ${most.times === 0 ? 'never' : `at most ${inTimes(most.times)}`}`,
        },
      ];
    return [];
  });
  const tooMany = placed.flatMap(({ position, assertion }) =>
    assertion.kind === 'uses_at_most' && assertion.unit === 'tool_calls' && assertion.amount < steps.count
      ? [
          {
            positions: [position],
            words: `the prompt's steps make ${steps.count} calls, the criterion allows ${assertion.amount}`,
          },
        ]
      : [],
  );
  return [...wrong, ...tooMany];
}

const ordered = (one: number, other: number): number[] => (one < other ? [one, other] : [other, one]);
const inTimes = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
const atLeast = (count: number): string => `at least ${inTimes(count)}`;
