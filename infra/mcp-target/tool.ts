import type { CatalogReport, TaskSupport, Tool, ToolAnnotations } from '../../agent/ports.ts';
import { maxToolNameLength } from '../../domain/catalog/tool-name.ts';
import { compactJson, toEntries } from '../../domain/json/json.ts';
import { findMirrorProblem } from '../../domain/schema/mirrored-arguments.ts';
import { describeValue, findSchemaProblems } from '../../domain/schema/problems.ts';
import { tooDeep } from './transport/message.ts';

export type UnusableTool = CatalogReport['unusable'][number];

const maxSchemaBytes = 64 * 1024;
const maxDescriptionBytes = 16 * 1024;
const maxTitleLength = 500;
/** What MCP recommends for names. */
const recommendedName = /^[\w.-]{1,128}$/;
const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** Members that no call needs, with what they must be. */
const optionalMembers: readonly [string, 'string' | 'object' | 'list'][] = [
  ['title', 'string'],
  ['description', 'string'],
  ['outputSchema', 'object'],
  ['annotations', 'object'],
  ['execution', 'object'],
  ['icons', 'list'],
  ['_meta', 'object'],
];

/**
 * Reads one item of `tools/list`: a tool with what strict clients refuse in it, or why it can't be called.
 * @param options.isStateless whether the server speaks the newer era, in which arguments can be asked for in headers
 */
export function readTool(
  advertised: unknown,
  { isStateless }: { isStateless: boolean },
): { tool: Tool } | { unusable: UnusableTool } {
  const members = toEntries(advertised);
  if (!members)
    return { unusable: { name: null, reasons: [`The tool is ${describeValue(advertised)}, not an object.`] } };
  const given = members.get('name');
  const inputSchema = toEntries(members.get('inputSchema'));
  const outputSchema = toEntries(members.get('outputSchema'));
  const reasons = [
    ...nameReasons(given),
    ...inputReasons(members.get('inputSchema')),
    ...(['inputSchema', 'outputSchema'] as const).flatMap((member) =>
      members.get(member) === tooDeep ? [`${member} is ${tooDeep}.`] : [],
    ),
    ...sizeReasons('inputSchema', inputSchema),
    ...sizeReasons('outputSchema', outputSchema),
    ...(isStateless ? mirrorReasons(members.get('inputSchema')) : []),
  ];
  if (typeof given !== 'string' || !inputSchema || reasons.length > 0) {
    const name = typeof given === 'string' ? storable(given).slice(0, maxToolNameLength) : null;
    return { unusable: { name, reasons } };
  }
  const title = clippedTitle(members.get('title'));
  const description = clippedDescription(members.get('description'));
  const annotations = readAnnotations(toEntries(members.get('annotations')));
  const taskSupport = readTaskSupport(toEntries(members.get('execution'))?.get('taskSupport'));
  const warnings = [
    ...nameWarnings(given),
    ...optionalMembers.flatMap(([member, expected]) => memberWarnings(members, member, expected)),
    ...description.warnings,
    ...annotations.warnings,
    ...taskSupport.warnings,
    ...inputWarnings(inputSchema),
    ...findSchemaProblems(Object.fromEntries(inputSchema), 'inputSchema'),
    ...outputWarnings(outputSchema),
  ];
  return {
    tool: {
      name: storable(given),
      ...(title !== undefined && { title }),
      ...(description.text !== undefined && { description: description.text }),
      inputSchema: Object.fromEntries(inputSchema),
      ...(outputSchema && { outputSchema: Object.fromEntries(outputSchema) }),
      ...(annotations.value && { annotations: annotations.value }),
      ...(taskSupport.value && { taskSupport: taskSupport.value }),
      ...(warnings.length > 0 && { warnings }),
    },
  };
}

function nameReasons(name: unknown): string[] {
  if (name === undefined || name === '') return ['The tool has no name.'];
  if (typeof name !== 'string') return [`name is ${describeValue(name)}. It must be a string.`];
  return name.length > maxToolNameLength
    ? [`The name has ${name.length} characters. At most ${maxToolNameLength} can be used.`]
    : [];
}

function inputReasons(schema: unknown): string[] {
  if (schema === tooDeep) return [];
  const keywords = toEntries(schema);
  if (schema === undefined) return ['inputSchema is missing. A tool without arguments has {"type": "object"}.'];
  if (!keywords) return [`inputSchema is ${describeValue(schema)}. It must be an object.`];
  const type = keywords.get('type');
  return type === undefined || type === 'object'
    ? []
    : [`inputSchema.type is ${describeValue(type)}. It must be "object".`];
}

function sizeReasons(member: string, schema: Map<string, unknown> | null): string[] {
  if (!schema) return [];
  const json = compactJson(Object.fromEntries(schema));
  if (json === null) return [`${member} is nested too deeply to be read.`];
  const bytes = Buffer.byteLength(json);
  return bytes > maxSchemaBytes
    ? [`${member} has ${Math.ceil(bytes / 1024)} KiB. At most ${maxSchemaBytes / 1024} KiB can be used.`]
    : [];
}

/** Clients have to leave such tools out (MCP 2026-07-28, Streamable HTTP). */
function mirrorReasons(inputSchema: unknown): string[] {
  const problem = findMirrorProblem(inputSchema);
  return problem === null ? [] : [`${problem} Clients have to leave the tool out.`];
}

function nameWarnings(name: string): string[] {
  if (storable(name) !== name)
    return ['The name is not valid Unicode text, so Armature calls the tool with \uFFFD in the invalid places.'];
  return recommendedName.test(name)
    ? []
    : [
        'The name should have at most 128 characters, only letters, digits, "_", "-" and ".". Some clients refuse others.',
      ];
}

function memberWarnings(
  members: Map<string, unknown>,
  member: string,
  expected: 'string' | 'object' | 'list',
): string[] {
  const value = members.get(member);
  const fits =
    expected === 'list' ? Array.isArray(value) : expected === 'object' ? toEntries(value) : typeof value === expected;
  if (value === undefined || fits) return [];
  return [`${member} is ${describeValue(value)}. Leave it out, or make it ${articles[expected]}.`];
}
const articles = { string: 'a string', object: 'an object', list: 'a list' } as const;

function clippedTitle(title: unknown): string | undefined {
  return typeof title === 'string' ? title.slice(0, maxTitleLength) : undefined;
}

function clippedDescription(description: unknown): { text?: string; warnings: string[] } {
  if (typeof description !== 'string') return { warnings: [] };
  const bytes = Buffer.from(description);
  if (bytes.length <= maxDescriptionBytes) return { text: description, warnings: [] };
  // As a stream, so that a character that the cut divides is left out.
  const text = new TextDecoder().decode(bytes.subarray(0, maxDescriptionBytes), { stream: true });
  const size = Math.ceil(bytes.length / 1024);
  return {
    text,
    warnings: [`The description has ${size} KiB. Only the first ${maxDescriptionBytes / 1024} KiB are used.`],
  };
}

function readAnnotations(given: Map<string, unknown> | null): { value?: ToolAnnotations; warnings: string[] } {
  if (!given) return { warnings: [] };
  const title = clippedTitle(given.get('title'));
  const value: ToolAnnotations = { ...(title !== undefined && { title }) };
  const warnings: string[] = [];
  if (given.has('title') && title === undefined)
    warnings.push(`annotations.title is ${describeValue(given.get('title'))}. It must be a string.`);
  for (const name of hints) {
    const hint = given.get(name);
    if (typeof hint === 'boolean') value[name] = hint;
    else if (hint !== undefined)
      warnings.push(`annotations.${name} is ${describeValue(hint)}. It must be true or false.`);
  }
  return { value, warnings };
}

function readTaskSupport(given: unknown): { value?: TaskSupport; warnings: string[] } {
  switch (given) {
    case undefined:
      return { warnings: [] };
    case 'required':
      return {
        value: given,
        warnings: ['execution.taskSupport is "required": plain calls, as Armature and most clients make them, fail.'],
      };
    case 'optional':
    case 'forbidden':
      return { value: given, warnings: [] };
    default:
      return {
        warnings: [
          `execution.taskSupport is ${describeValue(given)}. It must be "forbidden", "optional" or "required".`,
        ],
      };
  }
}

function inputWarnings(schema: Map<string, unknown>): string[] {
  const booleans = [...(toEntries(schema.get('properties')) ?? [])].filter(([, value]) => typeof value === 'boolean');
  const names = booleans.slice(0, 3).map(([name]) => JSON.stringify(name.slice(0, 80)));
  return [
    ...(schema.has('type') ? [] : ['inputSchema has no type. Strict clients require "object".']),
    ...(names.length > 0
      ? [`inputSchema.properties has true or false for ${names.join(', ')}. Strict clients require objects there.`]
      : []),
  ];
}

function outputWarnings(schema: Map<string, unknown> | null): string[] {
  if (!schema) return [];
  const type = schema.get('type');
  return [
    ...(type === 'object'
      ? []
      : [
          `outputSchema.type is ${describeValue(type)}. Strict clients require "object" and refuse all tools otherwise.`,
        ]),
    ...findSchemaProblems(Object.fromEntries(schema), 'outputSchema'),
  ];
}

/** Postgres stores no NUL, and UTF-8 has no halves of surrogate pairs. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();
