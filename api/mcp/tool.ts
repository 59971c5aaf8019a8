import type { Tool as ListedTool, TextContent, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { describeIssue } from '../../domain/error/input-errors.ts';
import { recordIntent } from '../../services/audit/record-intent.ts';
import type { Context } from '../../services/context/context.ts';
import { listFieldErrors, validationError } from '../../services/context/errors.ts';
import type { Access } from '../../services/context/use-case.ts';
import { readArguments } from '../input/arguments.ts';
import { toAnswerSchema, toListedInput, toListedOutput, toSchema } from '../input/json-schema.ts';
import { findRefusedText } from '../input/refused-text.ts';
import { bound } from './bound.ts';
import { markUntrusted } from './untrusted.ts';

/** The client's side of a call. */
export type Exchange = {
  /** Aborted when the client disconnects or cancels. */
  signal: AbortSignal;
  /** Sends a progress notification if the client requested them. */
  progress(message: string): Promise<void>;
};

/** The text is the JSON of `structuredContent`. */
export type ToolAnswer = { content: [TextContent]; structuredContent: { [field: string]: unknown } };

export type McpTool = {
  listed: ListedTool & { name: string };
  /** Its name in the audit log, and the lowest role. */
  useCase: { name: string; access: Access };
  call(ctx: Context, args: unknown, exchange: Exchange): Promise<ToolAnswer>;
};

/** It changes nothing else, so a long intent is cut and an empty one is none. */
const telemetry = z
  .strictObject({
    intent: z
      .string()
      .transform((text) => text.trim().slice(0, 500) || undefined)
      .optional()
      .describe('Why you call this, in one sentence, for the audit log.'),
  })
  .optional();

/** Lean, since every tool has them: `{note, fields}`, and `{field, shown, total}` of each text or list that was cut. */
const notes = { _untrusted: z.looseObject({}).optional(), _truncated: z.array(z.unknown()).optional() };

export const hints = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
} as const satisfies { [name: string]: ToolAnnotations };

/**
 * Defines a tool as an adapter of one use case, with that use case's schemas. Unknown arguments are refused: a
 * misspelled filter would otherwise be ignored.
 */
export function defineTool<I extends z.ZodRawShape, O extends z.ZodRawShape>(tool: {
  name: string;
  title: string;
  /** For an agent: what the tool returns, when to use it, which ids it takes, what to call next. */
  description: string;
  useCase: { useCase: { name: string; access: Access } };
  input: z.ZodObject<I>;
  output: z.ZodObject<O>;
  annotations: Required<Omit<ToolAnnotations, 'title'>>;
  /**
   * Paths of the answer that are of targets, models or people with all that is in them. Other texts that aren't shown
   * to be Armature's own are found by the schema (./untrusted.ts). Null: all of it is Armature's own.
   */
  untrusted: readonly string[] | null;
  /** Id of the object that the call is about, for the audit log. */
  subject?: (args: z.output<z.ZodObject<I>>) => string | undefined;
  run(ctx: Context, args: z.output<z.ZodObject<I>>, exchange: Exchange): Promise<z.input<z.ZodObject<O>>>;
}): McpTool {
  const { name, title, description, annotations, untrusted, subject, run } = tool;
  const own = z.strictObject(tool.input.shape);
  const schema = toSchema(z.strictObject({ ...tool.input.shape, telemetry }));
  const answerSchema = toAnswerSchema(tool.output);
  return {
    listed: {
      name,
      title,
      description,
      inputSchema: toListedInput(schema),
      outputSchema: toListedOutput(toAnswerSchema(tool.output.extend(notes))),
      annotations: { title, ...annotations },
    },
    useCase: tool.useCase.useCase,
    async call(ctx, args, exchange) {
      const { value, fieldErrors } = readArguments(schema, args);
      const { telemetry: sent, ...rest } = Object.assign(Object.create(null), value);
      const declared = telemetry.safeParse(sent, { error: describeIssue });
      const parsed = own.safeParse({ ...rest }, { error: describeIssue });
      const wrong = [
        ...findRefusedText(args),
        ...findRefusedText(value),
        ...fieldErrors,
        ...listFieldErrors(parsed.error),
        ...listFieldErrors(declared.error, ['telemetry']),
      ];
      if (wrong.length > 0 || !parsed.success) throw validationError(wrong);
      const intent = declared.data?.intent;
      const callCtx = intent === undefined ? ctx : { ...ctx, intent };
      const done = await run(callCtx, parsed.data, exchange);
      const marked = untrusted ? markUntrusted(done, { schema: answerSchema, whole: untrusted }) : done;
      const answer = bound(marked);
      // Changes record the intent in their own audit row; reads and repeated requests write none.
      if (intent !== undefined && annotations.idempotentHint)
        await recordIntent(callCtx, { tool: name, subject: subject?.(parsed.data) ?? null });
      return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer };
    },
  };
}
