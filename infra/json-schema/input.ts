import { fieldPath } from '../../domain/error/error.ts';
import { compactJson } from '../../domain/json/json.ts';
import { type CompiledSchema, createSchemaCompiler, locateIssue, SchemaError, type SchemaIssue } from './compile.ts';

/** `rule`: the keyword of JSON Schema. `path`: of the argument that is wrong, missing or unknown. */
export type ArgumentIssue = { path: PropertyKey[]; rule: string; message: string };

/** Checks arguments against input schemas, each of which is compiled at its first use. */
export type InputSchemas = {
  /** What is wrong with the arguments, at most 10 issues. None where the schema itself can't be used. */
  check(schema: object, value: unknown): ArgumentIssue[];
};

const limitsMs = { compile: 1000, check: 500 } as const;
const maxIssues = 10;

export function createInputSchemas(): InputSchemas {
  const compiler = createSchemaCompiler();
  /** Null: the schema can't be used. */
  const known = new WeakMap<object, CompiledSchema | null>();

  const compile = (schema: object): CompiledSchema | null => {
    try {
      return compiler.compile(schema, { limitMs: limitsMs.compile, allIssues: true });
    } catch (error) {
      if (error instanceof SchemaError) return null;
      throw error;
    }
  };

  return {
    check(schema, value) {
      const compiled = known.get(schema) ?? (known.has(schema) ? null : compile(schema));
      known.set(schema, compiled);
      if (!compiled) return [];
      try {
        const length = compactJson(value)?.length ?? Number.POSITIVE_INFINITY;
        const issues = compiled.findIssues(value, limitsMs.check, length);
        return issues.slice(0, maxIssues).map((issue) => describe(issue, value));
      } catch (error) {
        if (error instanceof SchemaError) return [];
        throw error;
      }
    },
  };
}

function describe(issue: SchemaIssue, value: unknown): ArgumentIssue {
  const { keyword: rule, params, message } = issue;
  const at = locateIssue(issue, value);
  switch (rule) {
    case 'required':
      return { path: [...at, String(params.missingProperty)], rule, message: 'This is required.' };
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return {
        path: [...at, String(params.additionalProperty ?? params.unevaluatedProperty)],
        rule,
        message: 'There is no such argument.',
      };
    case 'enum':
      return { path: at, rule, message: `This must be one of ${listValues(params.allowedValues)}.` };
    default:
      return { path: at, rule, message: `This ${message ?? 'does not fit the schema'}.` };
  }
}

const listValues = (values: unknown): string => {
  const all: unknown[] = Array.isArray(values) ? values : [];
  const shown = all.slice(0, 20).map((value) => (compactJson(value) ?? '').slice(0, 100));
  return all.length > shown.length ? `${shown.join(', ')} and ${all.length - shown.length} more` : shown.join(', ');
};

/** "filter.name: This is required." */
export const toIssueText = ({ path, message }: ArgumentIssue): string => {
  const field = fieldPath(path);
  return field === '' ? message : `${field}: ${message}`;
};
