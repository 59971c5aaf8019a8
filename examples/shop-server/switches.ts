import { z } from 'zod';
import { TOOLS } from './tools.ts';

/**
 * Kinds of invalid responses, all with HTTP status 200.
 * - `not_json`: a JSON content type, but a truncated body.
 * - `html`: a web page, as a proxy would send.
 * - `not_jsonrpc`: JSON, but not a JSON-RPC message.
 * - `wrong_result`: a JSON-RPC response with the right id, but a result that MCP doesn't have.
 */
export const GARBAGE_KINDS = ['not_json', 'html', 'not_jsonrpc', 'wrong_result'] as const;
export type GarbageKind = (typeof GARBAGE_KINDS)[number];

const ToolName = z.enum(TOOLS.map((tool) => tool.name));
const perTool = <Value extends z.ZodType>(value: Value) => z.partialRecord(ToolName, value);

const Garbage = z.union([z.literal(true).transform((): GarbageKind => 'not_json'), z.enum(GARBAGE_KINDS)]);
const Drop = z.union([
  z.enum(['before', 'after']),
  z.union([z.literal(true), z.strictObject({ before: z.literal(true) })]).transform(() => 'before' as const),
  z.strictObject({ after: z.literal(true) }).transform(() => 'after' as const),
]);

/** All switches refer to tools by their original name, even if `rename` is on. */
const SwitchesSchema = z
  .strictObject({
    /** Original name → name that is listed and called instead. */
    rename: perTool(z.string().regex(/^[\w.-]{1,128}$/)),
    /** Tools that are neither listed nor callable. */
    remove: z.array(ToolName),
    /** Original name → description that is listed instead. */
    describe: perTool(z.string().max(20_000)),
    /** `breaking` refuses the old arguments. `compatible` adds an optional property. */
    schema: perTool(z.enum(['breaking', 'compatible'])),
    /** Calls are not carried out. They return `isError` with this text. */
    fail: perTool(z.string().min(1).max(20_000)),
    /** Calls are carried out immediately and answered after this many milliseconds. */
    slow: perTool(z.int().min(0).max(3_600_000)),
    /** Calls are carried out immediately and answered when the tool leaves this list. */
    hold: z.array(ToolName),
    /** The connection is dropped before a call is carried out, or between that and the answer. */
    drop: perTool(Drop),
    /** All requests to `/mcp` are answered with 401. */
    unauthorized: z.boolean(),
    /** All requests to the HTTP API are answered with 503. */
    apiDown: z.boolean(),
    /** All requests to `/mcp`, or all calls of a tool, are answered with garbage and not carried out. */
    garbage: z.union([z.literal(false), Garbage, perTool(Garbage)]),
    /** This many bytes of filler are added to the result as a second text. */
    huge: perTool(
      z
        .int()
        .min(1)
        .max(64 * 1024 * 1024),
    ),
    /** This text is appended to the text of the result. */
    inject: perTool(z.string().min(1).max(20_000)),
  })
  .superRefine(({ rename, remove }, context) => {
    const names = ToolName.options.filter((name) => !remove.includes(name)).map((name) => rename[name] ?? name);
    const duplicate = names.find((name, index) => names.indexOf(name) !== index);
    if (duplicate !== undefined) {
      context.addIssue({ code: 'custom', path: ['rename'], message: `two tools would be called "${duplicate}"` });
    }
  });

export type Switches = z.output<typeof SwitchesSchema>;
export type SwitchPatch = Partial<z.input<typeof SwitchesSchema>>;

export const ALL_OFF: Switches = {
  rename: {},
  remove: [],
  describe: {},
  schema: {},
  fail: {},
  slow: {},
  hold: [],
  drop: {},
  unauthorized: false,
  apiDown: false,
  garbage: false,
  huge: {},
  inject: {},
};

/**
 * Replaces the switches in the patch, each as a whole, and keeps the others.
 * @param patch a SwitchPatch that is not validated yet. @throws z.ZodError when a switch, a tool or a value is unknown.
 */
export function patchSwitches(switches: Switches, patch: unknown): Switches {
  return SwitchesSchema.parse({ ...switches, ...z.record(z.string(), z.unknown()).parse(patch) });
}
