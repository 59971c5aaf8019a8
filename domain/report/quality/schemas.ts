import { countTokens, toolTokens } from '../../catalog/tokens.ts';
import { compactJson, toEntries } from '../../json/json.ts';
import { catalogRule, toolRule } from '../catalog-rule.ts';
import type { ReportTool } from '../evidence.ts';
import type { Rule } from '../rule.ts';
import { clients, loadingProblem } from './clients.ts';

const area = 'quality' as const;
const maxTokens = { tool: 1500, catalog: 20_000 };
const unions = ['anyOf', 'oneOf', 'allOf', 'not'];
/** What common validators know. Others make some clients refuse the tool. */
const dialect = /json-schema\.org\/(draft-07|draft\/2019-09|draft\/2020-12)\/schema/;

const depthOf = (schema: unknown, level = 0): number => {
  if (level > 50 || typeof schema !== 'object' || schema === null) return 0;
  const inner = [...(toEntries(toEntries(schema)?.get('properties'))?.values() ?? []), toEntries(schema)?.get('items')];
  return 1 + Math.max(0, ...inner.map((each) => depthOf(each, level + 1)));
};

export const schemaRules: readonly Rule[] = [
  toolRule({
    area,
    id: 'top-level-union',
    severity: 'should',
    title: 'Input schemas are plain objects at the top',
    clause: 'The APIs of OpenAI and Anthropic refuse anyOf, oneOf, allOf and not at the top of input schemas.',
    remedy: 'Move the alternatives into a property, or make two tools.',
    check({ inputSchema }) {
      const found = unions.filter((keyword) => toEntries(inputSchema)?.has(keyword));
      return found.length > 0 ? `The input schema has ${found.join(' and ')} at the top.` : null;
    },
  }),
  toolRule({
    area,
    id: 'schema-dialect',
    severity: 'should',
    title: 'Schemas are of a common dialect',
    clause: 'Clients validate by draft-07, 2019-09 or 2020-12.',
    remedy: 'Use JSON Schema 2020-12, and leave $schema out.',
    check({ inputSchema, outputSchema }) {
      const odd = [inputSchema, outputSchema]
        .map((schema) => toEntries(schema)?.get('$schema'))
        .find((given) => given !== undefined && !(typeof given === 'string' && dialect.test(given)));
      return odd === undefined ? null : `$schema is ${JSON.stringify(odd)?.slice(0, 150)}.`;
    },
  }),
  toolRule({
    area,
    id: 'output-schema-object',
    severity: 'must',
    title: 'Output schemas have the type "object"',
    clause: 'Clients of the revisions up to 2025-11-25 refuse all tools of a server with another output schema.',
    remedy: 'Put the value into an object, such as {"result": …}.',
    check: ({ outputSchema }) =>
      outputSchema === undefined || outputSchema === null || toEntries(outputSchema)?.get('type') === 'object'
        ? null
        : `outputSchema.type is ${JSON.stringify(toEntries(outputSchema)?.get('type')) ?? 'missing'}.`,
  }),
  toolRule({
    area,
    id: 'schema-depth',
    severity: 'advice',
    title: 'Arguments are nested at most five levels',
    clause: "OpenAI's strict mode takes five levels, and models make more mistakes with deep arguments.",
    remedy: 'Flatten the arguments.',
    check: ({ inputSchema }) => {
      const depth = depthOf(inputSchema) - 1;
      return depth > 5 ? `The arguments are nested ${depth} levels deep.` : null;
    },
  }),
  toolRule({
    area,
    id: 'tool-size',
    severity: 'advice',
    title: `A tool takes at most ${maxTokens.tool.toLocaleString('en')} tokens`,
    clause: 'Name, description and input schema are a part of every request to a model.',
    remedy: 'Shorten the description, and move details to a resource or into the result.',
    check(tool) {
      const tokens = toolTokens(tool);
      return tokens > maxTokens.tool ? `The tool takes about ${tokens} tokens.` : null;
    },
  }),
  catalogRule({
    area,
    id: 'catalog-size',
    severity: 'should',
    title: `All tools together take at most ${maxTokens.catalog.toLocaleString('en')} tokens`,
    clause: 'Models choose worse among many tools, and each request costs more.',
    remedy: 'Shorten the largest tools, or divide the server into several.',
    check(tools) {
      const total = countTokens(tools);
      const largest = tools
        .map((tool) => ({ name: tool.name, tokens: toolTokens(tool) }))
        .sort((one, other) => other.tokens - one.tokens)
        .slice(0, 5)
        .map(({ name, tokens }) => `${name.slice(0, 64)} ${tokens}`);
      return total > maxTokens.catalog
        ? [{ subject: '', message: `The tools take about ${total} tokens. The largest: ${largest.join(', ')}.` }]
        : [];
    },
  }),
  catalogRule({
    area,
    id: 'catalog-count',
    severity: 'should',
    title: 'A server has at most 128 tools',
    clause: 'The API of OpenAI and VS Code take 128 tools in a request.',
    remedy: 'Divide the server into several, or offer a tool that searches.',
    check: (tools) => (tools.length > 128 ? [{ subject: '', message: `The server has ${tools.length} tools.` }] : []),
  }),
  toolRule({
    area,
    id: 'argument-size',
    severity: 'should',
    title: 'Input schemas have at most 16 KiB',
    clause: 'Clients and providers limit the size of a schema.',
    remedy: 'Shorten the schema: remove examples, titles and definitions that are not used.',
    check({ inputSchema }) {
      const size = compactJson(inputSchema)?.length ?? 0;
      return size > 16 * 1024 ? `The input schema has ${Math.ceil(size / 1024)} KiB.` : null;
    },
  }),
  catalogRule({
    area,
    id: 'clients-load',
    severity: 'should',
    title: 'Common clients can load every tool',
    clause: 'Documented limits of the clients.',
    remedy: 'Correct what the client refuses.',
    check: (tools) =>
      clients.flatMap((client) => {
        const refused = tools.flatMap((tool) => {
          const problem = loadingProblem(client, tool);
          return problem === null ? [] : [{ tool, problem }];
        });
        const [first] = refused;
        return first
          ? [
              {
                subject: client.name,
                message: `${client.name} can't load ${refused.length} of ${tools.length} tools, such as ${first.tool.name.slice(0, 80)}: ${first.problem}.`,
              },
            ]
          : [];
      }),
  }),
];

/** Which clients can load how many of the tools. */
export const listClients = (tools: readonly ReportTool[]): { client: string; loads: number; of: number }[] =>
  clients.map((client) => ({
    client: client.name,
    loads: tools.filter((tool) => loadingProblem(client, tool) === null).length,
    of: tools.length,
  }));
