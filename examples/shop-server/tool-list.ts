import { isSpecType, type Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ShopTool } from './define-tool.ts';
import type { Switches } from './switches.ts';
import { TOOLS } from './tools.ts';

type Variant = {
  input: z.ZodObject;
  /** Converts arguments of the variant to those of the tool. */
  restore(args: Record<string, unknown>): Record<string, unknown>;
};

export type ListedTool = Variant & { tool: ShopTool };

export type ToolList = {
  /** The result of `tools/list`. */
  tools: Tool[];
  /** By listed name. */
  byName: ReadonlyMap<string, ListedTool>;
};

/** Lists the tools as clients see them under the switches. Converts schemas, so call it once per change of switches. */
export function listTools(switches: Switches): ToolList {
  const listed = TOOLS.filter((tool) => !switches.remove.includes(tool.name)).map((tool) => {
    const name = switches.rename[tool.name] ?? tool.name;
    const variant = toVariant(tool, switches.schema[tool.name]);
    const description = {
      name,
      title: tool.title,
      description: switches.describe[tool.name] ?? tool.description,
      inputSchema: jsonSchema(variant.input, 'input'),
      outputSchema: jsonSchema(tool.output, 'output'),
      annotations: tool.annotations,
    };
    // Narrows the type: zod's type of a JSON Schema is wider than MCP's.
    if (!isSpecType.Tool(description)) throw new Error(`${name} is an invalid MCP tool`);
    return { name, description, entry: { tool, ...variant } };
  });
  return {
    tools: listed.map(({ description }) => description),
    byName: new Map(listed.map(({ name, entry }) => [name, entry])),
  };
}

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

function toVariant(tool: ShopTool, change: 'breaking' | 'compatible' | undefined): Variant {
  if (change === undefined) return { input: tool.input, restore: (args) => args };
  if (change === 'compatible') {
    const locale = z.string().optional().describe('Language of the texts. This shop has one and accepts any');
    return { input: tool.input.extend({ locale }), restore: ({ locale: _, ...args }) => args };
  }
  const { breaking } = tool;
  if (breaking.kind === 'require') {
    const { property } = breaking;
    return {
      input: tool.input.extend({ [property]: z.string().min(1).describe('Region to answer for, for example eu') }),
      restore: ({ [property]: _, ...args }) => args,
    };
  }
  const { from, to } = breaking;
  const { [from]: renamed, ...rest } = tool.input.shape;
  if (!renamed) throw new Error(`${tool.name} has no property ${from} to rename`);
  return {
    input: z.strictObject({ [to]: renamed instanceof z.ZodOptional ? renamed.unwrap() : renamed, ...rest }),
    restore: ({ [to]: value, ...args }) => ({ ...args, [from]: value }),
  };
}
