import { writeToolName } from '../catalog/write-tool-name.ts';
import { compactJson, hasInfiniteNumber, sameJson, toEntries } from '../json/json.ts';
import { parsePath } from '../json/path.ts';
import { anyValue } from '../schema/arguments.ts';

/**
 * One call of a script. Strings like `$1.order.id` in `arguments` stand for values of earlier results. `line` counts
 * from 0 in the prompt; `problem` says why the step can't be made.
 */
export type Step = { number: number; line: number; tool: string; arguments: unknown; problem: string | null };

export const howToWriteSteps =
  'Write one step a line, such as: call search_products {"query": "lamp"}. A later step takes values from an earlier result: call get_order {"id": $1.order.id}. A name with spaces is written in backticks, one with a backtick as a JSON string: call `greet (formal)` {}, call "back`tick" {}.';

/** A tool's name: in backticks, as a JSON string, or bare. */
const stepLine = /^(\s*(?:[-*•]\s+|\d+[.)]\s+)?call\s+)(`[^`]+`|"(?:[^"\\]|\\.)+"|[^\s`"][^\s`]*)\s*(.*?)\s*$/i;

/**
 * The steps of a prompt: lines `call <tool> <json arguments>`, optionally with a bullet, a number, or the name in
 * backticks or as a JSON string. Other lines are prose, including "Call the customer back.".
 */
export function readScript(prompt: string, offered: ReadonlySet<string>): Step[] {
  const steps: Step[] = [];
  const quotable = [...offered].filter((name) => /[\s`]/.test(name)).sort((one, other) => other.length - one.length);
  for (const [index, text] of splitLines(prompt).entries()) {
    const [, before = '', named = '', rest = ''] = stepLine.exec(text) ?? [];
    if (named === '') continue;
    const tool = readName(named);
    const number = steps.length + 1;
    const where = `Step ${number} of the script (line ${index + 1}`;
    const bare = tool === named ? findQuotableName(text.slice(before.length), quotable) : undefined;
    if (bare !== undefined) {
      const problem = `${where}): this tool's name can't be written bare. Write: call ${writeToolName(bare)} {…}.`;
      steps.push({ number, line: index, tool: bare, arguments: undefined, problem });
      continue;
    }
    const isMeant = named.startsWith('`') || offered.has(tool);
    if (!(rest === '' || /^[{[]/.test(rest) || isMeant)) continue;
    const read = readArguments(rest, { number, where: `${where}, ${tool})` });
    steps.push({ number, line: index, tool, ...read });
  }
  return steps;
}

const splitLines = (prompt: string): string[] => prompt.split(/\r?\n/);

/**
 * The prompt with some of its steps written anew. Null where a changed step would not be read as it is meant, or where
 * another would be read differently.
 */
export function rewriteSteps(
  prompt: string,
  offered: ReadonlySet<string>,
  change: (step: Step) => Pick<Step, 'tool' | 'arguments'>,
): string | null {
  const steps = readScript(prompt, offered);
  const meant = new Map(steps.map((step) => [step.line, step.problem === null ? { ...step, ...change(step) } : step]));
  const byLine = new Map(steps.map((step) => [step.line, step]));
  const lines = prompt.split('\n').map((line, index) => {
    const [step, now] = [byLine.get(index), meant.get(index)];
    if (!step || !now || step.problem !== null) return line;
    return writeStep(line, step, now);
  });
  const written = lines.join('\n');
  const tools = [...meant.values()].map(({ tool }) => tool);
  const again = readScript(written, new Set([...offered, ...tools]));
  const isAsMeant =
    again.length === steps.length &&
    again.every((step) => {
      const want = meant.get(step.line);
      if (want?.problem === null && step.problem !== null) return false;
      return want && step.tool === want.tool && sameJson(step.arguments, want.arguments);
    });
  return isAsMeant ? written : null;
}

/** Only the part that changes is written anew. */
function writeStep(line: string, was: Step, now: Pick<Step, 'tool' | 'arguments'>): string {
  const [, before = '', named = '', rest = ''] = stepLine.exec(line) ?? [];
  const isBare = !/^[`"]/.test(named) && /^[^\s`"]+$/.test(now.tool);
  const name = now.tool === was.tool ? named : isBare ? now.tool : writeToolName(now.tool);
  const args = sameJson(was.arguments, now.arguments) ? rest : (compactJson(now.arguments) ?? rest);
  return `${before}${name}${args === '' ? '' : ` ${args}`}${line.endsWith('\r') ? '\r' : ''}`;
}

function readName(written: string): string {
  if (written.startsWith('`')) return written.slice(1, -1).trim();
  if (!written.startsWith('"')) return written;
  try {
    return String(JSON.parse(written));
  } catch (error) {
    // Quotes in prose.
    if (error instanceof SyntaxError) return written;
    throw error;
  }
}

/** The longest name that a step begins with, among those that can't be written bare. */
function findQuotableName(step: string, quotable: readonly string[]): string | undefined {
  return quotable.find((name) => step.startsWith(name) && /^\s*($|[{[])/.test(step.slice(name.length)));
}

function readArguments(
  text: string,
  { number, where }: { number: number; where: string },
): Pick<Step, 'arguments' | 'problem'> {
  let value: unknown;
  const refuse = (problem: string) => ({ arguments: value, problem: `${where}${problem}` });
  try {
    value = text === '' ? {} : JSON.parse(quoteReferences(text));
  } catch (error) {
    return refuse(
      `: the arguments are not JSON: ${error instanceof Error ? error.message : String(error)}. ${howToWriteSteps}`,
    );
  }
  if (!toEntries(value)) return refuse(`: the arguments have to be a JSON object. ${howToWriteSteps}`);
  if (hasInfiniteNumber(value)) return refuse(': a number is too large. Write it as a text if the tool takes one.');
  for (const { reference, number: to, path } of referencesIn(value)) {
    if (to < 1 || to >= number)
      return refuse(
        `: ${reference} refers to the result of step ${to}, but only steps before it can be referred to${number === 1 ? ', and this is the first' : ` (1 to ${number - 1})`}. To write a text that begins with $, double it: $$.`,
      );
    if (parsePath(`$${path}`) === null)
      return refuse(
        `: ${reference} is no path. Write it like $1.items[0].id. To write a text that begins with $, double it: $$.`,
      );
  }
  return { arguments: value, problem: null };
}

/** Quotes references in the place of a JSON value: `{"id": $1.id}` becomes `{"id": "$1.id"}`. */
function quoteReferences(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\$\d+(?:\.[\w$-]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*/g, (token) =>
    token.startsWith('$') ? JSON.stringify(token) : token,
  );
}

export type Reference = { reference: string; number: number; path: string };

/**
 * `$2.order.id` refers to the result of step 2; `$5 off` is a text. `$$` escapes a `$` that would start a reference.
 */
export function readReference(text: string): Reference | null {
  const [reference, digits, path = ''] = /^\$(\d+)((?:\.|\[).*)?$/s.exec(text) ?? [];
  return reference === undefined ? null : { reference, number: Number(digits), path };
}

/** The references in a step's arguments, in order. */
export function referencesIn(value: unknown): Reference[] {
  if (typeof value === 'string') {
    const reference = readReference(value);
    return reference ? [reference] : [];
  }
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return [...(toEntries(value)?.values() ?? [])].flatMap(referencesIn);
}

/** The run puts its own id in. */
const isFilledLater = /\{\{\s*run\.(id|short_id)\s*\}\}/;

/** The arguments that a step sends, as far as the prompt decides them. */
export function knownArguments(value: unknown): unknown {
  if (typeof value === 'string') {
    if (/^\$\$\d/.test(value)) return value.slice(1);
    return readReference(value) || isFilledLater.test(value) ? anyValue : value;
  }
  if (Array.isArray(value)) return value.map(knownArguments);
  const entries = toEntries(value);
  return entries ? Object.fromEntries([...entries].map(([key, item]) => [key, knownArguments(item)])) : value;
}
