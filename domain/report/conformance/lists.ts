import { z } from 'zod';
import { compactJson, toEntries } from '../../json/json.ts';
import { findMirrorProblem, mentionsMirroring } from '../../schema/mirrored-arguments.ts';
import type { Era, ReportCatalog } from '../evidence.ts';
import { couldNotRun, notApplicable, type Rule } from '../rule.ts';
import { findAnswer, stepRule, titles, undeclared } from './wire.ts';

/** The shapes of what is listed, as both specifications require them. Other members are allowed. */
const text = z.string();
const icons = z.array(z.looseObject({ src: text })).optional();
const audience = z.looseObject({
  audience: z.array(z.enum(['user', 'assistant'])).optional(),
  priority: z.number().min(0).max(1).optional(),
});
const named = { title: text.optional(), description: text.optional(), icons };
const tool = z.looseObject({
  ...named,
  name: text,
  inputSchema: z.looseObject({ type: z.literal('object') }),
  outputSchema: z.looseObject({}).optional(),
  annotations: z
    .looseObject({
      title: text.optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
});
const resource = z.looseObject({
  ...named,
  name: text,
  uri: text,
  mimeType: text.optional(),
  size: z.number().optional(),
  annotations: audience.optional(),
});
const template = z.looseObject({ ...named, name: text, uriTemplate: text, mimeType: text.optional() });
const prompt = z.looseObject({
  ...named,
  name: text,
  arguments: z
    .array(z.looseObject({ name: text, description: text.optional(), required: z.boolean().optional() }))
    .optional(),
});

const lists = [
  { what: 'tools', step: 'tools-list', member: 'tools', item: tool, capability: 'tools' },
  { what: 'resources', step: 'resources-list', member: 'resources', item: resource, capability: 'resources' },
  {
    what: 'resource templates',
    step: 'templates-list',
    member: 'resourceTemplates',
    item: template,
    capability: 'resources',
  },
  { what: 'prompts', step: 'prompts-list', member: 'prompts', item: prompt, capability: 'prompts' },
];

const inEra = (era: Era): Rule[] => [
  ...lists.map(({ what, step, member, item, capability }) =>
    stepRule({
      id: `${era}-${step}-valid`,
      severity: 'must',
      title: `The list of ${what} is valid, ${titles[era]}`,
      clause: `MCP ${era === 'session' ? '2025-11-25' : '2026-07-28'}, Schema`,
      remedy: `Correct the named member, so that the list of ${what} fits the schema of MCP.`,
      step: `${era}.${step}`,
      unless: (evidence) =>
        undeclared(era, capability)(evidence) ??
        (findAnswer(evidence, `${era}.${step}`)?.result ? null : 'The list was refused.'),
      check: ({ result }) => {
        const items = result?.get(member);
        if (!Array.isArray(items)) return `${member} is ${compactJson(items)?.slice(0, 80)}, not a list.`;
        for (const [index, each] of items.entries()) {
          const { error } = item.safeParse(each);
          const issue = error?.issues[0];
          if (!issue) continue;
          const name = toEntries(each)?.get('name');
          const at = issue.path.join('.') || 'the item';
          return `${member}[${index}]${typeof name === 'string' ? ` (${name.slice(0, 80)})` : ''}: ${at}: ${issue.message}.`;
        }
        const cursor = result?.get('nextCursor');
        return cursor === undefined || typeof cursor === 'string'
          ? null
          : `nextCursor is ${JSON.stringify(cursor).slice(0, 80)}, not a text.`;
      },
    }),
  ),
  stepRule({
    id: `${era}-stable-order`,
    severity: 'should',
    title: `Tools are listed in the same order each time, ${titles[era]}`,
    clause: 'MCP 2026-07-28, Tools: Listing tools',
    remedy: 'Sort the tools, so that clients and models can cache the list.',
    step: `${era}.tools-list-again`,
    unless: undeclared(era, 'tools'),
    check(again, evidence) {
      const names = (answered: typeof again | null): string | undefined => {
        const tools = answered?.result?.get('tools');
        return Array.isArray(tools) ? JSON.stringify(tools.map((each) => toEntries(each)?.get('name'))) : undefined;
      };
      const [first, second] = [names(findAnswer(evidence, `${era}.tools-list`)), names(again)];
      return first === second ? null : 'Two lists differ, or their order does.';
    },
  }),
];

export const listRules: readonly Rule[] = [
  ...inEra('session'),
  ...inEra('stateless'),
  {
    id: 'list-complete',
    version: 1,
    area: 'conformance',
    severity: 'must',
    title: 'The list of tools can be read to its end',
    clause: 'MCP 2025-11-25, Pagination',
    remedy: 'Give each page its own nextCursor, and none to the last page.',
    applies: ({ catalog }) => needsTools(catalog),
    check: ({ catalog }) =>
      catalog?.complete === false
        ? [{ subject: '', message: catalog.warnings[0] ?? 'The list was not read to its end.' }]
        : [],
  },
  {
    id: 'tools-usable',
    version: 1,
    area: 'conformance',
    severity: 'must',
    title: 'Each listed tool can be called',
    clause: 'MCP 2025-11-25, Tools: Tool',
    remedy: 'Correct the name or the schemas of the tool.',
    applies: ({ catalog }) => needsTools(catalog),
    check: ({ catalog }) => listUnusable(catalog, (reason) => !mentionsMirroring(reason)),
  },
  {
    id: 'schemas-valid',
    version: 1,
    area: 'conformance',
    severity: 'must',
    title: 'Schemas are valid JSON Schema',
    clause: 'MCP 2026-07-28, JSON Schema usage: Schema validation',
    remedy: 'Correct the keyword that is named. Strict clients refuse the tool, or all tools.',
    applies: ({ catalog }) => needsTools(catalog),
    check: ({ catalog }) =>
      (catalog?.tools ?? []).flatMap(({ name, warnings = [] }) => {
        const problems = warnings.filter((warning) => /^(input|output)Schema/.test(warning));
        return problems.length > 0 ? [{ subject: name, message: problems.slice(0, 3).join(' ') }] : [];
      }),
  },
  {
    id: 'mirrored-headers',
    version: 1,
    area: 'conformance',
    severity: 'must',
    title: 'Mirrored arguments have valid header names',
    clause: 'MCP 2026-07-28, Streamable HTTP: Custom headers from tool parameters',
    remedy: 'Give x-mcp-header a unique header name, on a property with type string, integer or boolean.',
    applies({ catalog }) {
      const skipped = needsTools(catalog);
      if (skipped !== true) return skipped;
      const isMirrored =
        catalog?.tools.some(({ inputSchema }) => mentionsMirroring(compactJson(inputSchema))) ||
        listUnusable(catalog, mentionsMirroring).length > 0;
      return isMirrored ? true : notApplicable('No argument is mirrored into a header.');
    },
    check: ({ catalog }) => [
      ...listUnusable(catalog, mentionsMirroring),
      ...(catalog?.tools ?? []).flatMap(({ name, inputSchema }) => {
        const problem = findMirrorProblem(inputSchema);
        return problem ? [{ subject: name, message: problem }] : [];
      }),
    ],
  },
];

/** The tools that can't be called, for these reasons. */
const listUnusable = (catalog: ReportCatalog | null, isMeant: (reason: string) => boolean) =>
  (catalog?.unusable ?? []).flatMap(({ name, reasons }, index) => {
    const meant = reasons.filter(isMeant);
    return meant.length > 0 ? [{ subject: name ?? `tool ${index + 1}`, message: meant.join(' ') }] : [];
  });

const needsTools = (catalog: { declaresTools: boolean } | null) => {
  if (!catalog) return couldNotRun('The tools of the server were not listed.');
  return catalog.declaresTools ? true : notApplicable('The server does not declare tools.');
};
