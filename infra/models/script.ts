import { ModelError } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';
import { parsePath } from '../../domain/json/path.ts';

/** One call of a script. Strings like `$1.order.id` in `arguments` stand for values of earlier results. */
export type Step = { number: number; tool: string; arguments: unknown };

const howTo =
  'Write one step a line, such as: call search_products {"query": "lamp"}. A later step takes values from an earlier result: call get_order {"id": $1.order.id}.';

/**
 * The steps of a prompt: lines `call <tool> <json arguments>`, optionally with a bullet, a number or backticks.
 * Other lines are prose, including "Call the customer back.".
 * @throws ModelError `misconfigured`: no step, invalid arguments, a reference to something other than an earlier step
 */
export function readSteps(prompt: string, offered: ReadonlySet<string>): Step[] {
  const steps: Step[] = [];
  for (const [index, line] of prompt.split(/\r?\n/).entries()) {
    const match = /^\s*(?:[-*•]\s+|\d+[.)]\s+)?call\s+(`[^`]+`|[^\s`]+)\s*(.*?)\s*$/i.exec(line);
    const [, named = '', rest = ''] = match ?? [];
    const tool = named.replaceAll('`', '');
    const meant = named !== tool || offered.has(tool);
    if (!match || !(rest === '' || /^[{[]/.test(rest) || meant)) continue;
    const number = steps.length + 1;
    steps.push({ number, tool, arguments: readArguments(rest, { number, tool, line: index + 1 }) });
  }
  if (steps.length === 0)
    throw new ModelError(
      'misconfigured',
      `builtin/scripted found no step in the prompt. ${howTo} For prompts in plain English, set up a model provider (ARMATURE_MODELS) and choose one of its models.`,
    );
  return steps;
}

function readArguments(text: string, at: { number: number; tool: string; line: number }): unknown {
  const where = `Step ${at.number} of the script (line ${at.line}, ${at.tool})`;
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(quoteReferences(text));
  } catch (error) {
    throw new ModelError(
      'misconfigured',
      `${where}: the arguments are not JSON: ${error instanceof Error ? error.message : String(error)}. ${howTo}`,
    );
  }
  if (!toEntries(value))
    throw new ModelError('misconfigured', `${where}: the arguments have to be a JSON object. ${howTo}`);
  for (const { reference, number, path } of referencesIn(value)) {
    if (number < 1 || number >= at.number)
      throw new ModelError(
        'misconfigured',
        `${where}: ${reference} refers to the result of step ${number}, but only steps before it can be referred to${at.number === 1 ? ', and this is the first' : ` (1 to ${at.number - 1})`}. To write a text that begins with $, double it: $$.`,
      );
    if (parsePath(`$${path}`) === null)
      throw new ModelError(
        'misconfigured',
        `${where}: ${reference} is no path. Write it like $1.items[0].id. To write a text that begins with $, double it: $$.`,
      );
  }
  return value;
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

function referencesIn(value: unknown): Reference[] {
  if (typeof value === 'string') {
    const reference = readReference(value);
    return reference ? [reference] : [];
  }
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return [...(toEntries(value)?.values() ?? [])].flatMap(referencesIn);
}
