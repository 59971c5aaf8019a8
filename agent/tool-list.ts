import type { OutputFit, ToolResult } from '../domain/run/run.ts';
import type { ToolPolicy } from '../domain/workflow/definition.ts';
import { offeredTools } from '../domain/workflow/tool-policy.ts';
import type { CallOptions, ModelRequest, Target, Tool } from './ports.ts';

type Arguments = { [key: string]: unknown };

export type ToolListInput = {
  /** Whether a call of this tool may reach the server twice. */
  repeatable: (tool: Tool) => boolean;
  /** How a result fits the tool's output schema; null where there is nothing to check. */
  checkOutput: (tool: Tool, result: ToolResult) => OutputFit | null;
};

/** The agent's tools in one session. */
export type ToolList = {
  tools: NonNullable<ModelRequest['tools']>;
  names: string[];
  /**
   * Why these arguments can't be sent, or null. Only for resource tools: the server checks the arguments of its own.
   */
  problem(name: string, args: Arguments): string | null;
  send(name: string, args: Arguments, options: CallOptions): Promise<ToolResult>;
  isRepeatable(name: string): boolean;
};

/**
 * The tools that policy allows, and two for the server's resources if it has any, renamed if the server uses the names.
 */
export function createToolList(
  target: Target,
  { policy, repeatable, checkOutput }: Pick<ToolListInput, 'repeatable' | 'checkOutput'> & { policy: ToolPolicy },
): ToolList {
  const tools = offeredTools(policy, target.tools);
  const taken = new Set(target.tools.map(({ name }) => name));
  const list = freeName('list_resources', taken);
  const read = freeName('read_resource', taken);
  const resources: NonNullable<ModelRequest['tools']> = target.hasResources
    ? [
        {
          name: list,
          description: "Lists the server's resources: their URIs, names and types.",
          inputSchema: { type: 'object', properties: {}, additionalProperties: false },
        },
        {
          name: read,
          description: "Reads one of the server's resources.",
          inputSchema: {
            type: 'object',
            properties: { uri: { type: 'string', description: `A URI as ${list} gives it.` } },
            required: ['uri'],
            additionalProperties: false,
          },
        },
      ]
    : [];
  const isResource = (name: string) => resources.some((tool) => tool.name === name);

  return {
    tools: [
      ...tools.map(({ name, title, description, inputSchema }) => ({
        name,
        description: description ?? title ?? '',
        inputSchema,
      })),
      ...resources,
    ],
    names: [...tools, ...resources].map(({ name }) => name),
    problem: (name, { uri }) =>
      isResource(name) && name === read && typeof uri !== 'string' ? '"uri" has to be a text' : null,
    async send(name, args, options) {
      if (!isResource(name)) {
        const result = await target.callTool(name, args, options);
        const tool = target.tools.find((each) => each.name === name);
        const outputFit = tool ? checkOutput(tool, result) : null;
        return outputFit ? { ...result, outputFit } : result;
      }
      return name === read ? target.readResource(String(args.uri), options) : target.listResources(options);
    },
    isRepeatable(name) {
      if (isResource(name)) return true;
      const tool = target.tools.find((each) => each.name === name);
      return tool !== undefined && repeatable(tool);
    },
  };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}_${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
