import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Shop } from './shop.ts';

/** The change of a tool's input schema when the `schema` switch is `breaking`. */
export type BreakingChange =
  | { kind: 'rename'; from: string; to: string }
  /** A new required property, for tools that have no property to rename. */
  | { kind: 'require'; property: string };

type ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> = {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
  input: Input;
  output: Output;
  breaking: BreakingChange;
  /** @throws ShopError when the shop refuses. It becomes a result with `isError`. */
  run(args: z.infer<Input>, shop: Shop): z.infer<Output>;
};

export type ShopTool = Omit<ToolSpec<z.ZodObject, z.ZodObject>, 'run'> & {
  /** @param args validated by the input schema. @throws z.ZodError when invalid, ShopError when the shop refuses. */
  run(args: unknown, shop: Shop): Record<string, unknown>;
};

/** Ties a tool's handler to the types of its schemas. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  spec: ToolSpec<Input, Output>,
): ShopTool {
  return { ...spec, run: (args, shop) => spec.run(spec.input.parse(args), shop) };
}
