import { createContext, Script } from 'node:vm';
import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compilePattern, PatternError } from '../../domain/assertion/pattern.ts';
import { compactJson, toEntries } from '../../domain/json/json.ts';
import { maxSchemaLength, maxSchemaNodes } from '../../domain/schema/limits.ts';

/** Why a schema can't be used. The message continues a sentence about the schema: "is too large". */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

export type SchemaIssue = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'message'>;

export type CompiledSchema = {
  /**
   * What of a value doesn't fit; only the first issue unless all were asked for.
   * @param length of the value as JSON, if known: a time limit takes a tenth of a millisecond, and a small value can't
   * need one
   * @throws SchemaError
   */
  findIssues(value: unknown, limitMs: number, length?: number): SchemaIssue[];
  /** Patterns that can't be matched in linear time. They let everything pass. */
  skippedPatterns: readonly string[];
};

const maxDepth = 64;
/** Checking takes at most about a tenth of a microsecond for each node of the schema and character of the value. */
const maxUnlimitedWork = 300_000;
/** Without these, each node of the schema meets each part of the value at most once. */
const needsLimit = /"(?:\$ref|\$dynamicRef|\$recursiveRef|uniqueItems|pattern|patternProperties)":/;

export type SchemaCompiler = {
  /** @throws SchemaError */
  compile(schema: unknown, options: { limitMs: number; allIssues: boolean }): CompiledSchema;
};

/**
 * Compiles JSON Schemas of servers, which may be hostile: size, depth and time are bounded, references must stay
 * inside a schema, patterns match in linear time. Formats aren't checked. Drafts from 4 to 2020-12.
 */
export function createSchemaCompiler(): SchemaCompiler {
  const withinMs = createTimeLimit();
  return {
    compile(schema, { limitMs, allIssues }) {
      const { json, nodes } = measure(schema);
      const unlimitedLength = needsLimit.test(json) ? 0 : maxUnlimitedWork / nodes;
      const skipped = new Set<string>();
      const validate = withinMs(limitMs, () => compileIn(schema, { skipped, allIssues }));
      const findIssues = (value: unknown): SchemaIssue[] => {
        const valid: unknown = validate(value);
        if (typeof valid !== 'boolean') throw new SchemaError('is asynchronous');
        return valid ? [] : (validate.errors ?? []);
      };
      return {
        skippedPatterns: [...skipped],
        findIssues: (value, ms, length = Number.POSITIVE_INFINITY) =>
          length <= unlimitedLength ? findIssues(value) : withinMs(ms, () => findIssues(value)),
      };
    },
  };
}

/** @throws SchemaError where it is too large */
function measure(schema: unknown): { json: string; nodes: number } {
  if (toEntries(schema) === null) throw new SchemaError('is not a JSON Schema');
  const pending: { value: unknown; depth: number }[] = [{ value: schema, depth: 0 }];
  let nodes = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (++nodes > maxSchemaNodes) throw new SchemaError('is too large');
    if (depth > maxDepth) throw new SchemaError('is nested too deeply');
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string' && !item.startsWith('#'))
        throw new SchemaError('refers to another document');
      pending.push({ value: item, depth: depth + 1 });
    }
  }
  const json = compactJson(schema);
  if (json === null || json.length > maxSchemaLength) throw new SchemaError('is too large');
  return { json, nodes };
}

/**
 * Limits the time of synchronous work: a script's time limit also ends what runs on this thread below it, such as ajv's
 * compiler and its generated code. Nested `anyOf` over `$ref`s takes exponential time.
 * @returns a function that throws SchemaError
 */
function createTimeLimit(): <T>(ms: number, work: () => T) => T {
  const sandbox: { work: () => void } = { work: () => {} };
  const script = new Script('work()');
  // Creating one takes about a millisecond. Nothing of a schema runs inside it.
  const context = createContext(sandbox);
  return <T>(ms: number, work: () => T): T => {
    let result: { value: T } | undefined;
    sandbox.work = () => {
      result = { value: work() };
    };
    try {
      script.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) });
    } catch (error) {
      if (error instanceof SchemaError) throw error;
      throw new SchemaError(isTimeout(error) ? 'takes too long to check' : `cannot be used (${reason(error)})`);
    } finally {
      sandbox.work = () => {};
    }
    if (!result) throw new Error('the work was not done');
    return result.value;
  };
}

const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

const reason = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};

/** @throws ajv's errors about a broken schema */
function compileIn(schema: unknown, { skipped, allIssues }: { skipped: Set<string>; allIssues: boolean }) {
  // With `$async` ajv returns a promise, which would count as true.
  const { $async: _, $schema: dialect, $id: __, ...keywords } = Object.fromEntries(toEntries(schema) ?? []);
  let failure: unknown;
  for (const Dialect of listDialects(dialect))
    try {
      return new Dialect(options(skipped, allIssues)).compile(structuredClone(keywords));
    } catch (error) {
      failure = error;
    }
  throw failure;
}

/** MCP assumes 2020-12; a schema that isn't valid in it may be of an older dialect without saying so. */
function listDialects(dialect: unknown): (typeof Ajv | typeof Ajv2019 | typeof Ajv2020)[] {
  if (typeof dialect !== 'string') return [Ajv2020, Ajv];
  if (dialect.includes('draft/2019-09')) return [Ajv2019];
  return /draft-0[3467]/.test(dialect) ? [Ajv] : [Ajv2020, Ajv];
}

const options = (skipped: Set<string>, allErrors: boolean): Options => ({
  strict: false,
  allErrors,
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
  const engine = (source: string, flags: string) => ({ test: toTest(source, flags, skipped), toString: () => source });
  return Object.assign(engine, { code: 'linear' });
}

function toTest(source: string, flags: string, skipped: Set<string>): (text: string) => boolean {
  try {
    const pattern = compilePattern(source, flags);
    return (text) => pattern.foundIn(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    skipped.add(source);
    return () => true;
  }
}

/** Where an issue is: property names and list indexes. */
export function locateIssue({ instancePath }: SchemaIssue, value: unknown): PropertyKey[] {
  const parts: PropertyKey[] = [];
  let at = value;
  for (const step of instancePath.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    parts.push(Array.isArray(at) ? Number(name) : name);
    at = Array.isArray(at) ? at[Number(name)] : toEntries(at)?.get(name);
  }
  return parts;
}
