import { compareNumbers, isJsonNumber, type JsonNumber } from '../json/exact.ts';
import { compactJson } from '../json/json.ts';
import { readPath } from '../json/path.ts';
import { toCallId } from '../run/ids.ts';
import type { ToolCall } from '../run/run.ts';
import type { Assertion, FieldTest, JsonScalar, TextTest } from './assertion.ts';
import {
  describeCall,
  excerpt,
  type Facts,
  fail,
  type Grade,
  gradeUnless,
  interruptedGrade,
  listCalls,
  listInterrupted,
  neverCalledGrade,
  pass,
  resultDocument,
  resultTexts,
  type Texts,
  toCallIds,
  undecided,
} from './facts.ts';
import { compilePattern, maxTextLength } from './pattern.ts';

/**
 * A text test with its phrases for a rationale. `sawAll` becomes false when a text was not read to its end: then
 * "not found" proves nothing.
 */
export type TextTester = { holds(texts: Texts): boolean; sawAll(): boolean; does: string; doesNot: string };

/**
 * Limits the work (text length × pattern size, at most 150 ns each) of one "matches" over all results of a run, so that
 * hostile ones can't keep the grader busy. A pattern of ten characters reads about 5 MB with it.
 */
const maxWork = 50_000_000;

export function textTester(test: TextTest): TextTester {
  let complete = true;
  const sawAll = () => complete;
  if (test.op === 'contains') {
    const quoted = excerpt(test.text);
    // As it is written inside a JSON string, so that quotes and newlines are found in structured content too.
    const escaped = JSON.stringify(test.text).slice(1, -1);
    const holds = ({ text, json }: Texts) => {
      if (json === null) complete = false;
      return text.includes(test.text) || (json !== null && (json.includes(test.text) || json.includes(escaped)));
    };
    return { holds, sawAll, does: `contains ${quoted}`, doesNot: `does not contain ${quoted}` };
  }
  const pattern = compilePattern(test.pattern.source, test.pattern.flags);
  let left = maxWork;
  const reads = (text: string) => {
    left -= Math.min(text.length, maxTextLength) * pattern.size;
    if (left < 0 || text.length > maxTextLength) complete = false;
    return left >= 0 && pattern.foundIn(text);
  };
  const holds = ({ text, json }: Texts) => {
    if (json === null) complete = false;
    return reads(text) || (json !== null && json !== '' && reads(json));
  };
  const shownPattern = `/${test.pattern.source}/${test.pattern.flags}`;
  return { holds, sawAll, does: `matches ${shownPattern}`, doesNot: `does not match ${shownPattern}` };
}

/** Added when a test found nothing in the part that it read. */
export const tooLarge = 'It was too large to read to the end, so this is not proven';

type Seen = { call: ToolCall; result: NonNullable<ToolCall['result']> };

/**
 * The tool's results, or a grade that says why they can't be judged. A negated test needs all results, a plain one any.
 */
function listResults(facts: Facts, tool: string, negated: boolean): { results: Seen[]; calls: ToolCall[] } | Grade {
  const calls = listCalls(facts, tool);
  if (calls.length === 0) return neverCalledGrade(facts, tool);
  const results = calls.flatMap((call) => (call.result ? [{ call, result: call.result }] : []));
  const answered = calls.filter(({ outcome }) => outcome === 'ok' || outcome === 'tool_error');
  const unstored = answered.filter(({ result }) => !result);
  if (unstored.length > 0 && (negated || results.length === 0))
    return fail(`Results of \`${tool}\` are not stored, so this can't be checked.`, toCallIds(unstored));
  const last = calls.at(-1);
  if (results.length === 0 && last)
    return gradeUnless(
      listInterrupted(facts, tool),
      fail(`No result of \`${tool}\` came back: ${describeCall(last)}.`, toCallIds(calls)),
    );
  return { results, calls };
}

/** Why "in none of these results" is not proven: a call without a known end, or results that are kept in part. */
function openGrade({ results }: { results: readonly Seen[] }, facts: Facts, tool: string): Grade | null {
  const interrupted = listInterrupted(facts, tool);
  if (interrupted.length > 0) return interruptedGrade(interrupted);
  const cut = results.filter(({ result }) => isCut(result));
  const [first] = cut;
  if (!first) return null;
  return undecided(
    `Only a part of the result of ${toCallId(first.call.index)} (\`${tool}\`) was kept, of ${first.result.fullBytes} bytes in all. What was kept does not decide this.`,
    toCallIds(cut.map(({ call }) => call)),
  );
}

/** Structured content is kept as a whole or not at all; content blocks are cut from the end. */
const isCut = ({ fullBytes }: Seen['result']): boolean => fullBytes !== undefined;

export function evaluateResultText(
  { tool, test, negated }: Extract<Assertion, { kind: 'result_text' }>,
  facts: Facts,
): Grade {
  const seen = listResults(facts, tool, negated);
  if ('verdict' in seen) return seen;
  const tester = textTester(test);
  const match = seen.results.find(({ result }) => tester.holds(resultTexts(result)));
  if (match) {
    const rationale = `The result of ${toCallId(match.call.index)} (\`${tool}\`) ${tester.does}.`;
    return negated ? fail(rationale, toCallIds([match.call])) : pass(rationale, toCallIds([match.call]));
  }
  const open = openGrade(seen, facts, tool);
  if (open) return open;
  const subject =
    seen.results.length === 1 ? `The result of \`${tool}\`` : `Each of ${seen.results.length} results of \`${tool}\``;
  if (!tester.sawAll())
    return fail(`${subject} ${tester.doesNot} as far as it was read. ${tooLarge}.`, toCallIds(seen.calls));
  const rationale = `${subject} ${tester.doesNot}.`;
  return negated ? pass(rationale, toCallIds(seen.calls)) : fail(rationale, toCallIds(seen.calls));
}

export function evaluateField(
  { tool, path, test, negated }: Extract<Assertion, { kind: 'result_field' }>,
  facts: Facts,
): Grade {
  const seen = listResults(facts, tool, negated);
  if ('verdict' in seen) return seen;
  const tester = fieldTester(test);
  let last = '';
  let documents = 0;
  const rounded: ToolCall[] = [];
  for (const { call, result } of seen.results) {
    const source = resultDocument(result);
    if (!source) continue;
    documents++;
    const field = readPath(source.document, path);
    const held = field.found && tester.holds(field.value, source.rounded);
    if (held === null) rounded.push(call);
    if (field.found && held) {
      const rationale = `In the result of ${toCallId(call.index)} (\`${tool}\`), \`${path}\` ${tester.does}${shown(test, field.value)}.`;
      return negated ? fail(rationale, toCallIds([call])) : pass(rationale, toCallIds([call]));
    }
    last = field.found
      ? `in ${toCallId(call.index)} it was ${excerpt(field.value)}`
      : `${toCallId(call.index)} has no such field`;
  }
  if (rounded.length > 0)
    return undecided(
      `\`${path}\` has more digits than structured content keeps (in ${toCallIds(rounded).slice(0, 5).join(', ')}), and no text of the result repeats it, so it can't be compared exactly.`,
      toCallIds(rounded),
    );
  const open = openGrade(
    // Fields come from the structured content, which is whole where it was kept.
    { results: seen.results.filter(({ result }) => result.structuredContent === undefined) },
    facts,
    tool,
  );
  if (open) return open;
  if (documents === 0)
    return fail(`No result of \`${tool}\` has structured content or text that is JSON.`, toCallIds(seen.calls));
  if (!tester.sawAll()) return fail(`No \`${path}\` that was read ${tester.does}. ${tooLarge}.`, toCallIds(seen.calls));
  const rationale = `In no result of \`${tool}\`, \`${path}\` ${tester.does}; ${last}.`;
  return negated ? pass(rationale, toCallIds(seen.calls)) : fail(rationale, toCallIds(seen.calls));
}

const shown = ({ op }: FieldTest, value: unknown) => (op === 'equals' ? '' : `: it is ${excerpt(value)}`);

/** `holds`: null where the value may have been rounded to another one. */
type FieldTester = { holds(value: unknown, rounded: boolean): boolean | null; sawAll(): boolean; does: string };
const always = () => true;

function fieldTester(test: FieldTest): FieldTester {
  switch (test.op) {
    case 'exists':
      return { holds: always, sawAll: always, does: 'exists' };
    case 'equals':
      return {
        holds: (value, rounded) => isEqual(value, test.value, rounded),
        sawAll: always,
        does: `equals ${excerpt(test.value)}`,
      };
    case 'contains': {
      const { value: wanted } = test;
      const holds = (value: unknown, rounded: boolean) => {
        if (!Array.isArray(value))
          return typeof value === 'string' && typeof wanted === 'string' && value.includes(wanted);
        const found = value.map((item) => isEqual(item, wanted, rounded));
        return found.includes(true) || (found.includes(null) ? null : false);
      };
      return { holds, sawAll: always, does: `contains ${excerpt(wanted)}` };
    }
    case 'matches': {
      const tester = textTester(test);
      const holds = (value: unknown) => {
        const text = typeof value === 'string' ? value : compactJson(value);
        return tester.holds({ text: text ?? '', json: text === null ? null : '' });
      };
      return { holds, sawAll: tester.sawAll, does: tester.does };
    }
    case 'at_least':
      return compared(test.number, (order) => order >= 0, 'is at least');
    case 'at_most':
      return compared(test.number, (order) => order <= 0, 'is at most');
    case 'greater_than':
      return compared(test.number, (order) => order > 0, 'is greater than');
    case 'less_than':
      return compared(test.number, (order) => order < 0, 'is less than');
  }
}

const isEqual = (value: unknown, wanted: JsonScalar, rounded: boolean): boolean | null => {
  if (!isJsonNumber(value) || !isJsonNumber(wanted)) return value === wanted;
  return isLost(value, wanted, rounded) ? null : compareNumbers(value, wanted) === 0;
};

const compared = (number: JsonNumber, holds: (order: number) => boolean, words: string): FieldTester => ({
  holds(value, rounded) {
    if (!isJsonNumber(value)) return false;
    return isLost(value, number, rounded) ? null : holds(compareNumbers(value, number));
  },
  sawAll: always,
  does: `${words} ${number}`,
});

/** Whether the value and the number differ by less than what rounding may have taken. */
const isLost = (value: JsonNumber, number: JsonNumber, rounded: boolean): boolean =>
  rounded && typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER && Number(String(number)) === value;
