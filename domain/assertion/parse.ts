import { parsePath } from '../json/path.ts';
import type { Assertion, CallCount, FieldTest, PatternText, TextTest } from './assertion.ts';
import { compilePattern, PatternError } from './pattern.ts';
import { createReader, type Reader, Unreadable } from './reader.ts';

export type ParseResult =
  | { ok: true; assertion: Assertion }
  | {
      ok: false;
      /** Where the line stops being an assertion: UTF-16 units from 0, the line's length at its end. */
      position: number;
      /** What was expected there: "a number", "the end of the line". */
      expected: string;
      /** True when the line starts like one form and then leaves it: its author gets a hint. */
      looksLikeAssertion: boolean;
    };

/**
 * Parses a criterion as an assertion: the whole line has to be one form. Other lines are for the judge. Never throws.
 */
export function parseAssertion(line: string): ParseResult {
  const reader = createReader(line);
  try {
    const assertion = readAssertion(reader);
    reader.end();
    return { ok: true, assertion };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, position: error.position, expected: error.expected, looksLikeAssertion: reader.committed() };
  }
}

function readAssertion(reader: Reader): Assertion {
  if (reader.takes('calls')) return readCalls(reader);
  if (reader.takes('never', 'calls') || reader.takes('does', 'not', 'call') || reader.takes("doesn't", 'call'))
    return { kind: 'never_calls', tool: readTool(reader) };
  if (reader.takes('no')) return reader.takes('result') ? readNoResultBreaks(reader) : readNoCallFails(reader);
  if (reader.takes('final', 'answer') || reader.takes('the', 'final', 'answer')) return readFinalAnswer(reader);
  if (reader.takes('finishes', 'within')) {
    reader.commit();
    return { kind: 'finishes_within', seconds: reader.seconds() };
  }
  if (reader.takes('uses', 'at', 'most')) return readUses(reader);
  return readAboutTool(reader);
}

function readCalls(reader: Reader): Assertion {
  const tool = readTool(reader);
  if (!reader.takes('before')) return { kind: 'calls', tool, count: readCount(reader) };
  const position = reader.position();
  const second = readTool(reader);
  if (second === tool) throw new Unreadable(position, `another tool than "${tool}"`);
  return { kind: 'calls_before', first: tool, second };
}

function readCount(reader: Reader): CallCount {
  if (reader.atEnd()) return { op: 'at_least', times: 1 };
  const op = reader.takes('exactly')
    ? 'exactly'
    : reader.takes('at', 'least')
      ? 'at_least'
      : reader.takes('at', 'most')
        ? 'at_most'
        : null;
  if (reader.takes('once')) return { op: op ?? 'exactly', times: 1 };
  if (reader.takes('twice')) return { op: op ?? 'exactly', times: 2 };
  if (op === null && !reader.startsNumber())
    throw new Unreadable(
      reader.position(),
      'a count ("exactly", "at least", "at most", "once", "twice", a number), "before" or the end of the line',
    );
  const times = reader.wholeNumber();
  reader.expect('times', 'time');
  return { op: op ?? 'exactly', times };
}

function readNoResultBreaks(reader: Reader): Assertion {
  reader.expect('breaks');
  reader.commit();
  readOutputSchema(reader);
  return { kind: 'no_result_breaks' };
}

function readOutputSchema(reader: Reader): void {
  for (const word of ['its', 'output', 'schema']) reader.expect(word);
}

function readNoCallFails(reader: Reader): Assertion {
  reader.takes('tool');
  reader.expect('call', 'calls');
  reader.expect('fails', 'fail');
  reader.commit();
  return { kind: 'no_call_fails' };
}

function readFinalAnswer(reader: Reader): Assertion {
  const { test, negated } = readTextTest(reader, 'final answer');
  return { kind: 'final_answer', test, negated };
}

function readUses(reader: Reader): Assertion {
  reader.commit();
  const amount = reader.wholeNumber();
  if (reader.takes('tool', 'calls') || reader.takes('tool', 'call'))
    return { kind: 'uses_at_most', amount, unit: 'tool_calls' };
  reader.expect('tokens', 'token', 'tool calls');
  return { kind: 'uses_at_most', amount, unit: 'tokens' };
}

function readAboutTool(reader: Reader): Assertion {
  const { text: tool, quoted } = reader.name('a tool name, or the beginning of an assertion');
  // A word in backticks is meant as a tool; a bare first word may start any sentence.
  const commit = () => quoted && reader.commit();

  if (reader.takes('fails')) {
    commit();
    return { kind: 'tool_fails', tool, negated: false };
  }
  if (reader.takes('never', 'fails') || reader.takes('does', 'not', 'fail') || reader.takes("doesn't", 'fail')) {
    commit();
    return { kind: 'tool_fails', tool, negated: true };
  }
  if (reader.takes('result', 'field')) return readFieldTest(reader, tool);
  if (reader.takes('result', 'fits')) {
    commit();
    readOutputSchema(reader);
    return { kind: 'result_fits', tool };
  }
  if (reader.takes('result')) return { kind: 'result_text', tool, ...readTextTest(reader, 'result') };
  const never = reader.takes('is', 'never', 'called', 'with') || reader.takes('is', 'not', 'called', 'with');
  if (never || reader.takes('is', 'called', 'with')) {
    commit();
    const path = readPathName(reader);
    reader.equalsSign();
    return { kind: 'called_with', tool, path, value: reader.scalar(), negated: never };
  }
  throw new Unreadable(reader.position(), '"fails", "result", "is called with" or another form of assertion');
}

function readTextTest(reader: Reader, subject: 'result' | 'final answer'): { test: TextTest; negated: boolean } {
  const negated = takesNot(reader);
  if (reader.takes(negated ? 'contain' : 'contains')) {
    reader.commit();
    return { test: { op: 'contains', text: reader.string() }, negated };
  }
  if (reader.takes(negated ? 'match' : 'matches')) {
    reader.commit();
    return { test: { op: 'matches', pattern: readPattern(reader) }, negated };
  }
  const verbs = negated
    ? '"contain" or "match"'
    : `"contains", "matches"${subject === 'result' ? ', "field", "fits its output schema"' : ''} or "does not"`;
  throw new Unreadable(reader.position(), verbs);
}

function readFieldTest(reader: Reader, tool: string): Assertion {
  const path = readPathName(reader);
  const negated = takesNot(reader);
  const test = readField(reader, negated);
  return { kind: 'result_field', tool, path, test, negated };
}

function readField(reader: Reader, negated: boolean): FieldTest {
  const verb = (plain: string, bare: string) => {
    const took = reader.takes(negated ? bare : plain);
    if (took) reader.commit();
    return took;
  };
  if (verb('exists', 'exist')) return { op: 'exists' };
  if (verb('equals', 'equal')) return { op: 'equals', value: reader.scalar() };
  if (verb('contains', 'contain')) return { op: 'contains', value: reader.scalar() };
  if (verb('matches', 'match')) return { op: 'matches', pattern: readPattern(reader) };
  if (!negated) {
    const comparison = reader.takes('is', 'at', 'least')
      ? 'at_least'
      : reader.takes('is', 'at', 'most')
        ? 'at_most'
        : reader.takes('is', 'greater', 'than')
          ? 'greater_than'
          : reader.takes('is', 'less', 'than')
            ? 'less_than'
            : null;
    if (comparison) {
      reader.commit();
      return { op: comparison, number: reader.number() };
    }
  }
  throw new Unreadable(
    reader.position(),
    negated
      ? '"equal", "contain", "match" or "exist"'
      : '"equals", "contains", "matches", "exists", "does not", "is at least", "is at most", "is greater than" or "is less than"',
  );
}

const takesNot = (reader: Reader) => reader.takes('does', 'not') || reader.takes("doesn't");

function readTool(reader: Reader): string {
  const { text, quoted } = reader.name('a tool name');
  if (quoted) reader.commit();
  return text;
}

function readPathName(reader: Reader): string {
  const position = reader.position();
  const path = reader.path();
  const keys = parsePath(path);
  if (!keys || keys.length === 0) throw new Unreadable(position, 'a JSON path such as `items[0].id`');
  return path;
}

function readPattern(reader: Reader): PatternText {
  const position = reader.position();
  const pattern = reader.pattern();
  try {
    compilePattern(pattern.source, pattern.flags);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new Unreadable(position, `a regular expression that can be read (${error.message})`);
  }
  return pattern;
}
