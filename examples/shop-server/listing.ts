import { isSpecType, type Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ShopTool } from './define-tool.ts';
import type { Switches } from './switches.ts';
import { TOOLS } from './tools.ts';

type Variant = {
  input: z.ZodObject;
  /** Turns arguments of this variant into those of the tool itself. */
  restore(args: Record<string, unknown>): Record<string, unknown>;
};

export type ListedTool = Variant & { tool: ShopTool };

export type Listing = {
  /** The answer to `tools/list`. */
  tools: Tool[];
  /** By the name that is listed. */
  byName: ReadonlyMap<string, ListedTool>;
};

/** The tools as clients see them under the given switches. Costly, so made once for each change of the switches. */
export function listTools(switches: Switches): Listing {
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
    // zod's type of a JSON Schema is looser than MCP's.
    if (!isSpecType.Tool(description)) throw new Error(`${name} is no valid MCP tool`);
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
    const locale = z.string().optional().describe('Language of the texts; this shop has one and takes any');
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
  const { [from]: moved, ...rest } = tool.input.shape;
  if (!moved) throw new Error(`${tool.name} has no property ${from} to rename`);
  return {
    input: z.strictObject({ [to]: moved instanceof z.ZodOptional ? moved.unwrap() : moved, ...rest }),
    restore: ({ [to]: value, ...args }) => ({ ...args, [from]: value }),
  };
}
