import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { type Data, type Schema, toSchema } from './schema.ts';

export type Result = {
  structured?: Data;
  /** Sent beside the structured content; its JSON by default. */
  text?: string;
  isError?: boolean;
};

/** A tool as a server lists and carries it out. Arguments are checked against `inputSchema` before `call`. */
export type Tool = {
  name: string;
  description: string;
  inputSchema: Schema;
  outputSchema?: Schema;
  annotations: ToolAnnotations;
  call(args: Data): Result;
  /** What it says, instead of what is wrong, when it refuses arguments. */
  refusal?: string;
};

/** A request that a server refuses, answered with `isError`. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(spec: {
  name: string;
  description: string;
  annotations: Tool['annotations'];
  input: Input;
  output: Output;
  run(args: z.infer<Input>): z.infer<Output>;
}): Tool {
  const { name, description, annotations, input, output } = spec;
  return {
    name,
    description,
    annotations,
    inputSchema: toSchema(input, 'input'),
    outputSchema: toSchema(output, 'output'),
    call: (args) => ({ structured: spec.run(input.parse(args)) }),
  };
}
