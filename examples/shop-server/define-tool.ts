import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Shop } from './shop.ts';

/** What the `schema` switch does to a tool's input when it is set to `breaking`. */
export type BreakingChange =
  | { kind: 'rename'; from: string; to: string }
  /** A new required property, for a tool that has none to rename. */
  | { kind: 'require'; property: string };

type ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> = {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
  input: Input;
  output: Output;
  breaking: BreakingChange;
  /** @throws ShopError where the shop refuses; it becomes a result with `isError`. */
  run(args: z.infer<Input>, shop: Shop): z.infer<Output>;
};

export type ShopTool = Omit<ToolSpec<z.ZodObject, z.ZodObject>, 'run'> & {
  /** @param args what the input schema accepts. @throws z.ZodError otherwise, ShopError where the shop refuses. */
  run(args: unknown, shop: Shop): Record<string, unknown>;
};

/** Ties a tool's handler to the types of its schemas. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  spec: ToolSpec<Input, Output>,
): ShopTool {
  return { ...spec, run: (args, shop) => spec.run(spec.input.parse(args), shop) };
}
