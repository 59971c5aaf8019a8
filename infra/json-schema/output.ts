import { LRUCache } from 'lru-cache';
import { fieldPath } from '../../domain/error/error.ts';
import { compactJson } from '../../domain/json/json.ts';
import type { OutputFit, ToolResult } from '../../domain/run/run.ts';
import { minuteMs } from '../../domain/values/time.ts';
import { masked } from '../redaction/index.ts';
import { type CompiledSchema, createSchemaCompiler, locateIssue, SchemaError, type SchemaIssue } from './compile.ts';

/** Checks results against output schemas, each of which is compiled once. */
export type OutputSchemas = {
  /**
   * Whether a result fits the schema; null for an error result, which doesn't have to. Never throws.
   * @param schema as JSON
   */
  check(schema: string, result: ToolResult): OutputFit | null;
};

type Compiled = { first: CompiledSchema; all: CompiledSchema | null };

/** Ordinary schemas and results need a few milliseconds, and more on a busy machine. */
const limitsMs = { compile: 1000, check: 500 } as const;
/** One that was too slow may have met a busy machine, so it is tried again after this time. */
const retryMs = 10 * minuteMs;
/** Characters of the schemas that are kept compiled. */
const maxCacheLength = 8 * 1024 * 1024;
/** Of larger results only the first issue is searched: a list of a million items may have as many. */
const maxListedLength = 64 * 1024;
const maxIssues = 5;

export function createOutputSchemas(): OutputSchemas {
  const compiler = createSchemaCompiler();
  const known = new LRUCache<string, Compiled | SchemaError>({
    maxSize: maxCacheLength,
    sizeCalculation: (_, schema) => schema.length + 1,
  });
  const compile = (schema: string, allIssues: boolean) =>
    compiler.compile(JSON.parse(schema), { limitMs: limitsMs.compile, allIssues });

  /** @throws SchemaError */
  function findIssues(schema: string, value: unknown): readonly SchemaIssue[] {
    const cached = known.get(schema);
    if (cached instanceof SchemaError) throw cached;
    const compiled = cached ?? { first: compile(schema, false), all: null };
    if (!cached) known.set(schema, compiled);
    const length = compactJson(value)?.length ?? Number.POSITIVE_INFINITY;
    const first = compiled.first.findIssues(value, limitsMs.check, length);
    if (first.length === 0 || length > maxListedLength) return first;
    compiled.all ??= compile(schema, true);
    return compiled.all.findIssues(value, limitsMs.check, length);
  }

  return {
    check(schema, { content: _, structuredContent, isError, fullBytes }) {
      if (isError) return null;
      if (structuredContent === undefined)
        return fullBytes === undefined
          ? { fits: false, issues: ['it has no structured content'] }
          : { fits: null, reason: 'only a part of the result was kept' };
      try {
        const issues = findIssues(schema, structuredContent);
        if (issues.length === 0) return { fits: true };
        // What the server sent in place of the mask may have fitted.
        if (compactJson(structuredContent)?.includes(masked))
          return { fits: null, reason: 'it contains a masked secret' };
        return { fits: false, issues: describeIssues(issues, structuredContent) };
      } catch (error) {
        if (!(error instanceof SchemaError)) throw error;
        known.set(schema, error, { ttl: retryMs });
        return { fits: null, reason: `the output schema ${error.message}` };
      }
    },
  };
}

function describeIssues(issues: readonly SchemaIssue[], value: unknown): string[] {
  const all = [...new Set(issues.slice(0, 1000).map((issue) => describeIssue(issue, value)))];
  return all.length > maxIssues ? [...all.slice(0, maxIssues), `and ${all.length - maxIssues} more`] : all;
}

/** "`items[0].id` must be string". */
function describeIssue(issue: SchemaIssue, value: unknown): string {
  const { keyword, params, message } = issue;
  const at = (...more: string[]) => {
    const path = fieldPath([...locateIssue(issue, value), ...more]);
    return path === '' ? 'the structured content' : `\`${cut(path, 200)}\``;
  };
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return `${at(String(params.missingProperty))} is missing`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `${at(String(params.additionalProperty ?? params.unevaluatedProperty))} is not in the schema`;
    default:
      return cut(`${at()} ${message ?? 'does not fit'}`, 300);
  }
}

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max).toWellFormed()}…` : text);
