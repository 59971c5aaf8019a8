import { createHash } from 'node:crypto';
import { type FieldError, fieldPath, type Warning } from '../../../domain/error/error.ts';
import { compactJson, toEntries } from '../../../domain/json/json.ts';
import { createSchemaCompiler, locateIssue, SchemaError, type SchemaIssue } from '../../../infra/json-schema/index.ts';
import { masked } from '../../../infra/redaction/index.ts';

export type ArgumentsCheck = { errors: FieldError[]; warnings: Warning[] };

/** Milliseconds left for validation, shared by everything that one request validates. */
export type TimeBudget = { leftMs: number };
export const validationBudget = (): TimeBudget => ({ leftMs: 1000 });
/** For one schema. Ordinary ones need a few, the largest that are used some 400. */
const longestMs = 750;
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
  if (budget.leftMs < 1) return unchecked('there were too many to check in one request.');
  const startedAt = performance.now();
  try {
    const limitMs = Math.min(longestMs, budget.leftMs);
    const compiled = createSchemaCompiler().compile(schema, { limitMs, allIssues: true });
    const found = compiled.findIssues(value, limitMs);
    const errors = [
      ...new Map(found.map((issue) => describe(issue, value, field)).map((e) => [e.field + e.message, e])),
    ];
    return {
      errors: errors.slice(0, mostErrors).map(([, error]) => error),
      warnings: compiled.skippedPatterns.slice(0, 5).map((pattern) => ({
        code: 'pattern_not_checked',
        message: `The input schema of "${tool}" has a pattern that cannot be checked safely: ${cut(pattern, 100)}`,
        field: path,
      })),
    };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return unchecked(`its input schema ${error.message}.`);
  } finally {
    budget.leftMs -= performance.now() - startedAt;
  }
}

function describe(error: SchemaIssue, value: unknown, field: readonly PropertyKey[]): FieldError {
  const { keyword, params } = error;
  const parts = locateIssue(error, value);
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
