import { z } from 'zod';
import { TOOLS } from './tools.ts';

/**
 * How an answer is garbage, always with HTTP status 200.
 * - `not_json`: a JSON content type, but the body is cut off.
 * - `html`: a web page, as a proxy in between would send.
 * - `not_jsonrpc`: JSON, but no JSON-RPC message.
 * - `wrong_result`: a JSON-RPC response with the right id, whose result is none of MCP.
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

/** Every switch goes by a tool's own name, also while it is renamed. */
const SwitchesSchema = z
  .strictObject({
    /** Own name → name that is listed and called instead. */
    rename: perTool(z.string().regex(/^[\w.-]{1,128}$/)),
    /** Tools that are neither listed nor callable. */
    remove: z.array(ToolName),
    /** Own name → description that is listed instead. */
    describe: perTool(z.string().max(20_000)),
    /** `breaking`: the old arguments are refused; `compatible`: one more optional property. */
    schema: perTool(z.enum(['breaking', 'compatible'])),
    /** Calls are not carried out and answer `isError` with this text. */
    fail: perTool(z.string().min(1).max(20_000)),
    /** Calls are carried out at once and answered after so many milliseconds. */
    slow: perTool(z.int().min(0).max(3_600_000)),
    /** Calls are carried out at once and answered when the tool is taken off this list. */
    hold: z.array(ToolName),
    /** The connection is dropped before a call is carried out, or after that and before its answer. */
    drop: perTool(Drop),
    /** Every request to `/mcp` is answered 401. */
    unauthorized: z.boolean(),
    /** Every request to `/mcp`, or every call of a tool, is answered with garbage and not carried out. */
    garbage: z.union([z.literal(false), Garbage, perTool(Garbage)]),
    /** So many bytes of filler are added to the result as a second text. */
    huge: perTool(
      z
        .int()
        .min(1)
        .max(64 * 1024 * 1024),
    ),
    /** The text is appended to the text of the result. */
    inject: perTool(z.string().min(1).max(20_000)),
  })
  .superRefine(({ rename, remove }, context) => {
    const listed = ToolName.options.filter((name) => !remove.includes(name)).map((name) => rename[name] ?? name);
    const twice = listed.find((name, index) => listed.indexOf(name) !== index);
    if (twice !== undefined) {
      context.addIssue({ code: 'custom', path: ['rename'], message: `two tools would be called "${twice}"` });
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
  garbage: false,
  huge: {},
  inject: {},
};

/**
 * The switches with some of them replaced, each as a whole; those that the patch doesn't name stay.
 * @param patch SwitchPatch, from anywhere. @throws z.ZodError when a switch, a tool or a value is unknown.
 */
export function patchSwitches(switches: Switches, patch: unknown): Switches {
  return SwitchesSchema.parse({ ...switches, ...z.record(z.string(), z.unknown()).parse(patch) });
}
