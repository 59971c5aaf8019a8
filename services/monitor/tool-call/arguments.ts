import { createHash } from 'node:crypto';
import { createContext, Script } from 'node:vm';
import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compilePattern, PatternError } from '../../../domain/assertion/pattern.ts';
import { type FieldError, fieldPath, type Warning } from '../../../domain/error/error.ts';
import { compactJson, toEntries } from '../../../domain/json/json.ts';
import { masked } from '../../../infra/redaction/index.ts';

export type ArgumentsCheck = { errors: FieldError[]; warnings: Warning[] };

/** Milliseconds left for validation, shared by everything that one request validates. */
export type TimeBudget = { leftMs: number };
export const validationBudget = (): TimeBudget => ({ leftMs: 1000 });
/** For one schema. Ordinary ones need a few. */
const longestMs = 250;

const longestSchema = 256 * 1024;
const mostNodes = 10_000;
const deepest = 64;
const mostErrors = 20;

/**
 * Validates arguments against a tool's input schema. The schema comes from the server under test, which may be hostile:
 * size, depth and time are bounded, references must stay inside it, patterns match in linear time. A schema that can't
 * be used leaves the arguments unchecked, with a warning. Formats aren't checked. Never throws.
 * @param options.field path of the arguments: `['monitors', 0, 'arguments']`
 */
export function checkArguments(
  { tool, schema }: { tool: string; schema: unknown },
  value: { [name: string]: unknown },
  { field, budget = validationBudget() }: { field: readonly PropertyKey[]; budget?: TimeBudget },
): ArgumentsCheck {
  const path = fieldPath(field);
  const unchecked = (why: string): ArgumentsCheck => ({
    errors: [],
    warnings: [
      {
        code: 'arguments_not_checked',
        message: `The arguments of "${tool}" were not checked: ${why}`,
        field: path,
      },
    ],
  });
  const problem = sizeProblem(schema);
  if (problem) return unchecked(problem);
  if (budget.leftMs < 1) return unchecked('there were too many to check in one request.');
  const skipped = new Set<string>();
  const startedAt = performance.now();
  try {
    const found = withinMs(Math.min(longestMs, budget.leftMs), () => errorsOf(schema, value, skipped));
    const errors = [
      ...new Map(found.map((error) => describe(error, value, field)).map((e) => [e.field + e.message, e])),
    ];
    return {
      errors: errors.slice(0, mostErrors).map(([, error]) => error),
      warnings: [...skipped].slice(0, 5).map((pattern) => ({
        code: 'pattern_not_checked',
        message: `The input schema of "${tool}" has a pattern that cannot be checked safely: ${cut(pattern, 100)}`,
        field: path,
      })),
    };
  } catch (error) {
    return unchecked(
      isTimeout(error)
        ? 'its input schema takes too long to check.'
        : `its input schema cannot be used (${reason(error)}).`,
    );
  } finally {
    budget.leftMs -= performance.now() - startedAt;
  }
}

/** Why a schema can't be used, or null. */
function sizeProblem(schema: unknown): string | null {
  if (toEntries(schema) === null) return 'its input schema is not a JSON Schema.';
  const pending: { value: unknown; depth: number }[] = [{ value: schema, depth: 0 }];
  let nodes = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (++nodes > mostNodes) return 'its input schema is too large.';
    if (depth > deepest) return 'its input schema is nested too deeply.';
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string' && !item.startsWith('#'))
        return 'its input schema refers to another document.';
      pending.push({ value: item, depth: depth + 1 });
    }
  }
  return (compactJson(schema)?.length ?? Number.POSITIVE_INFINITY) > longestSchema
    ? 'its input schema is too large.'
    : null;
}

/**
 * The script's time limit also ends what runs on this thread below it, such as ajv's compiler and its generated code:
 * nested `anyOf` over `$ref`s takes exponential time. Nothing of the schema runs inside the script's own context.
 */
function withinMs<T>(ms: number, work: () => T): T {
  let result: { value: T } | undefined;
  const done = () => {
    result = { value: work() };
  };
  new Script('work()').runInContext(createContext({ work: done }), { timeout: Math.max(1, Math.ceil(ms)) });
  if (!result) throw new Error('the work was not done');
  return result.value;
}

const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** @throws ajv's errors about a broken schema */
function errorsOf(schema: unknown, value: unknown, skipped: Set<string>): ErrorObject[] {
  // With `$async` ajv returns a promise, which would count as true.
  const { $async: _, $schema: dialect, $id: __, ...keywords } = Object.fromEntries(toEntries(schema) ?? []);
  let failure: unknown;
  for (const Dialect of dialectsOf(dialect))
    try {
      const ajv = new Dialect(options(skipped));
      const validate = ajv.compile(structuredClone(keywords));
      const valid: unknown = validate(value);
      if (typeof valid !== 'boolean') throw new Error('it is asynchronous');
      return valid ? [] : (validate.errors ?? []);
    } catch (error) {
      failure = error;
    }
  throw failure;
}

/** MCP assumes 2020-12; a schema that isn't valid in it may be of an older dialect without saying so. */
function dialectsOf(dialect: unknown): (typeof Ajv | typeof Ajv2019 | typeof Ajv2020)[] {
  if (typeof dialect !== 'string') return [Ajv2020, Ajv];
  if (dialect.includes('draft/2019-09')) return [Ajv2019];
  return /draft-0[3467]/.test(dialect) ? [Ajv] : [Ajv2020, Ajv];
}

const options = (skipped: Set<string>): Options => ({
  strict: false,
  allErrors: true,
  ownProperties: true,
  validateFormats: false,
  validateSchema: false,
  meta: false,
  addUsedSchema: false,
  // Inlining a schema at each of its references can generate exponential code.
  inlineRefs: false,
  logger: false,
  code: { source: false, optimize: false, regExp: linearRegExp(skipped) },
});

/** Patterns by the matcher that doesn't backtrack. One that it can't take lets everything pass. */
function linearRegExp(skipped: Set<string>) {
  const engine = (source: string, flags: string) => ({ test: testOf(source, flags, skipped), toString: () => source });
  return Object.assign(engine, { code: 'linear' });
}

function testOf(source: string, flags: string, skipped: Set<string>): (text: string) => boolean {
  try {
    const pattern = compilePattern(source, flags);
    return (text) => pattern.foundIn(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    skipped.add(source);
    return () => true;
  }
}

function describe(error: ErrorObject, value: unknown, field: readonly PropertyKey[]): FieldError {
  const { keyword, instancePath, params } = error;
  const parts = partsOf(instancePath, value);
  const at = (...more: string[]) => cut(fieldPath([...field, ...parts, ...more]), 300);
  if (keyword === 'required') return { field: at(String(params.missingProperty)), message: 'Required.' };
  if (keyword === 'dependentRequired' || keyword === 'dependencies')
    return {
      field: at(String(params.missingProperty)),
      message: `Required with ${cut(String(params.property), 100)}.`,
    };
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = String(params.additionalProperty ?? params.unevaluatedProperty);
    return { field: at(name), message: 'The tool has no such argument.' };
  }
  if (keyword === 'enum' && Array.isArray(params.allowedValues)) {
    const shown = params.allowedValues.slice(0, 10).map((each: unknown) => cut(compactJson(each) ?? '…', 60));
    const more = params.allowedValues.length > 10 ? ', …' : '';
    return { field: at(), message: `Must be one of ${shown.join(', ')}${more}.` };
  }
  return { field: at(), message: cut(`This ${error.message ?? 'does not fit'}.`, 300) };
}

/** The steps of a JSON pointer into `value`, list indexes as numbers. */
function partsOf(pointer: string, value: unknown): PropertyKey[] {
  const parts: PropertyKey[] = [];
  let at = value;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    parts.push(Array.isArray(at) ? Number(name) : name);
    at = Array.isArray(at) ? at[Number(name)] : toEntries(at)?.get(name);
  }
  return parts;
}

const reason = (error: unknown): string => cut(error instanceof Error ? error.message : String(error), 120);
const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** Identifies calls of one tool: SHA-256 of the arguments' JSON with sorted keys. */
export const argumentsKey = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = toEntries(value);
  if (!entries) return JSON.stringify(value);
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}

/**
 * Resolves arguments that were edited by somebody who saw them masked: a value that is still masked keeps the stored
 * one. A mask that stands for nothing is an error of its field.
 */
export function unmask(
  given: unknown,
  stored: unknown,
  shown: unknown,
  field: readonly PropertyKey[],
): { value: unknown; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const walk = (now: unknown, before: unknown, seen: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof now === 'string') {
      if (!now.includes(masked)) return now;
      if (now === seen && before !== undefined) return before;
      errors.push({ field: fieldPath(path), message: `"${masked}" masks a value here. Enter the value itself.` });
      return now;
    }
    if (Array.isArray(now)) {
      const [old, view] = [Array.isArray(before) ? before : [], Array.isArray(seen) ? seen : []];
      return now.map((item, index) => walk(item, old[index], view[index], [...path, index]));
    }
    const entries = toEntries(now);
    if (!entries) return now;
    const [old, view] = [toEntries(before), toEntries(seen)];
    return Object.fromEntries(
      [...entries].map(([key, item]) => [key, walk(item, old?.get(key), view?.get(key), [...path, key])]),
    );
  };
  return { value: walk(given, stored, shown, field), errors };
}
