import { z } from 'zod';
import type { ErrorCode } from '../../domain/error/codes.ts';
import { describeIssue } from '../../domain/error/input-errors.ts';
import type { Context } from '../../services/context/context.ts';
import { listFieldErrors, validationError } from '../../services/context/errors.ts';
import type { Access } from '../../services/context/use-case.ts';
import type { Download } from '../../services/run/export/download.ts';
import { readArguments } from '../input/arguments.ts';
import { toSchema } from '../input/json-schema.ts';
import { findRefusedText } from '../input/refused-text.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One operation of the REST API. */
export type Route = {
  method: Method;
  /** Below the API's root, such as `/workflows/{workflowId}`. */
  path: string;
  operationId: string;
  summary: string;
  description: string | undefined;
  /** Its name in the audit log, and the lowest role. */
  useCase: { name: string; access: Access };
  status: 200 | 201 | 202;
  /** Members of path, query and body together. */
  input: z.ZodObject;
  output: z.ZodType;
  /** Of the answer. Other than JSON, or a JSON file: `work` returns a `Download`, which is sent as it is written. */
  contentType: string;
  /** Of the request. @default 2 MiB */
  maxBodyBytes?: number;
  /** Error codes beyond those of its method. */
  refuses: readonly ErrorCode[];
  /** The header Idempotency-Key is the input's `idempotencyKey`: the use case itself does its work once. */
  takesKey: boolean;
  /** What an idempotency key's second request gets of a stored answer. @default all of it */
  toReplay: (answer: unknown) => unknown;
  /**
   * Reads what a request gives. @returns the validated input, and the work that it asks for
   * @throws ArmatureError `validation_failed`, naming every wrong member
   */
  read(given: object): { input: object; work(ctx: Context): Promise<unknown> };
};

/**
 * Defines an operation as an adapter of one use case. Path parameters, query parameters (GET and DELETE) and members of
 * the body (POST and PATCH) are one input: each name stands in one of them only.
 */
export function defineRoute<I extends z.ZodRawShape, O extends z.ZodType>(route: {
  method: Method;
  path: string;
  /** Where the operation is about something else than the use case's noun. @default made of the use case's name */
  operation?: string;
  summary: string;
  description?: string;
  status?: Route['status'];
  useCase: { useCase: { name: string; access: Access } };
  input: z.ZodObject<I>;
  output: O;
  refuses?: readonly ErrorCode[];
  takesKey?: boolean;
  maxBodyBytes?: number;
  toReplay?: Route['toReplay'];
  run(ctx: Context, input: z.output<z.ZodObject<I>>): Promise<z.input<O>>;
}): Route {
  const { method, path, summary, description, useCase, input, output, run } = route;
  const schema = toSchema(input);
  return {
    method,
    path,
    operationId: route.operation ?? toOperationId(useCase.useCase.name),
    summary,
    description,
    useCase: useCase.useCase,
    status: route.status ?? 200,
    input,
    output,
    contentType: 'application/json',
    refuses: route.refuses ?? [],
    takesKey: route.takesKey ?? false,
    ...(route.maxBodyBytes !== undefined && { maxBodyBytes: route.maxBodyBytes }),
    toReplay: route.toReplay ?? ((answer) => answer),
    read(given) {
      const { value, fieldErrors } = readArguments(schema, given, { keepsNull: true });
      const parsed = input.safeParse(value, { error: describeIssue });
      const wrong = [
        ...findRefusedText(given),
        ...findRefusedText(value),
        ...fieldErrors,
        ...listFieldErrors(parsed.error),
      ];
      if (wrong.length > 0 || !parsed.success) throw validationError(wrong);
      return { input: parsed.data, work: async (ctx) => output.parse(await run(ctx, parsed.data)) };
    },
  };
}

/**
 * Defines an operation that answers with a file.
 * @param route.output what is in the file, for the OpenAPI document
 */
export function defineDownload<I extends z.ZodRawShape>(route: {
  path: string;
  operation: string;
  summary: string;
  description?: string;
  useCase: { useCase: { name: string; access: Access } };
  input: z.ZodObject<I>;
  output: z.ZodType;
  contentType: Download['contentType'];
  run(ctx: Context, input: z.output<z.ZodObject<I>>): Promise<Download>;
}): Route {
  const { output, contentType, ...rest } = route;
  const download = z.custom<Download>((value) => typeof value === 'object' && value !== null && 'chunks' in value);
  return { ...defineRoute({ ...rest, method: 'GET', output: download }), output, contentType };
}

export const isDownload = (answer: unknown): answer is Download =>
  typeof answer === 'object' && answer !== null && 'chunks' in answer && 'contentType' in answer;

/**
 * The verb, the noun, then what the action names: `workflow.pause` → `pauseWorkflow`, `monitor.list_checks` →
 * `listMonitorChecks`. A list is plural: `delivery.list` → `listDeliveries`.
 */
export function toOperationId(useCase: string): string {
  const [noun = '', action = ''] = useCase.split('.');
  const [verb = '', ...rest] = action.split('_');
  const words = [...noun.split('_'), ...rest];
  const last = words.pop() ?? '';
  const named = [...words, verb === 'list' ? toPlural(last) : last];
  return [verb, ...named.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

const toPlural = (word: string): string =>
  word.endsWith('s') ? word : /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;

/** Names of the parameters in a path. */
export const pathParameters = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));

/** A page of a list. */
export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({
    rows: z.array(row),
    nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
  });

/** Parameters of every list. */
export const paging = {
  cursor: z.string().max(500).optional().describe('nextCursor of the page before, with the same filters.'),
  limit: z.int().min(1).max(200).default(50),
};
