import { writeToolName } from '../catalog/write-tool-name.ts';
import type { Assertion, CallCount, FieldTest, JsonScalar, PatternText, TextTest } from './assertion.ts';
import { parseAssertion } from './parse.ts';

/** An assertion about a tool: only these can be written with another tool or path. */
export type ToolAssertion = Extract<Assertion, { tool: string } | { first: string }>;

/**
 * The line of an assertion, or null where no line is read as exactly this one (a pattern or a path that can't be
 * written).
 */
export function printAssertion(assertion: ToolAssertion): string | null {
  return (
    [writeInSlashes, writeInQuotes]
      .map((pattern) => print(assertion, pattern))
      .find((line) => reads(line, assertion)) ?? null
  );
}

function reads(line: string, meant: ToolAssertion): boolean {
  const parsed = parseAssertion(line);
  if (!parsed.ok || parsed.assertion.kind !== meant.kind) return false;
  return sortedJson(parsed.assertion) === sortedJson(meant);
}

/** Members in a fixed order; long numbers with their digits. */
const sortedJson = (assertion: Assertion): string =>
  JSON.stringify(Object.entries(assertion).sort(([one], [other]) => (one < other ? -1 : 1)));

type PatternWriter = (pattern: PatternText) => string;
const writeInSlashes: PatternWriter = ({ source, flags }) => `/${source}/${flags}`;
const writeInQuotes: PatternWriter = ({ source }) => `"${source.replaceAll('"', '\\"')}"`;

function print(assertion: ToolAssertion, pattern: PatternWriter): string {
  switch (assertion.kind) {
    case 'calls':
      return `calls ${writeToolName(assertion.tool)}${writeCount(assertion.count)}`;
    case 'never_calls':
      return `never calls ${writeToolName(assertion.tool)}`;
    case 'calls_before':
      return `calls ${writeToolName(assertion.first)} before ${writeToolName(assertion.second)}`;
    case 'tool_fails':
      return `${writeToolName(assertion.tool)} ${assertion.negated ? 'never fails' : 'fails'}`;
    case 'result_text':
      return `${writeToolName(assertion.tool)} result ${writeTextTest(assertion, pattern)}`;
    case 'result_field':
      return `${writeToolName(assertion.tool)} result field \`${assertion.path}\` ${writeFieldTest(assertion, pattern)}`;
    case 'result_fits':
      return `${writeToolName(assertion.tool)} result fits its output schema`;
    case 'called_with': {
      const { tool, path, value, negated } = assertion;
      return `${writeToolName(tool)} is ${negated ? 'never ' : ''}called with \`${path}\` = ${writeScalar(value)}`;
    }
  }
}

const countWords = { exactly: 'exactly', at_least: 'at least', at_most: 'at most' } as const;

function writeCount({ op, times }: CallCount): string {
  if (op === 'at_least' && times === 1) return '';
  const words = times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`;
  return ` ${countWords[op]} ${words}`;
}

function writeTextTest({ test, negated }: { test: TextTest; negated: boolean }, pattern: PatternWriter): string {
  const value = test.op === 'contains' ? JSON.stringify(test.text) : pattern(test.pattern);
  return `${negated ? `does not ${bare[test.op]}` : test.op} ${value}`;
}

const bare = { contains: 'contain', matches: 'match', equals: 'equal', exists: 'exist' } as const;
const comparisons = {
  at_least: 'is at least',
  at_most: 'is at most',
  greater_than: 'is greater than',
  less_than: 'is less than',
} as const;

function writeFieldTest({ test, negated }: { test: FieldTest; negated: boolean }, pattern: PatternWriter): string {
  switch (test.op) {
    case 'at_least':
    case 'at_most':
    case 'greater_than':
    case 'less_than':
      return `${comparisons[test.op]} ${test.number}`;
    case 'exists':
      return negated ? 'does not exist' : 'exists';
    default: {
      const value = test.op === 'matches' ? pattern(test.pattern) : writeScalar(test.value);
      return `${negated ? `does not ${bare[test.op]}` : test.op} ${value}`;
    }
  }
}

const writeScalar = (value: JsonScalar): string => JSON.stringify(value);
