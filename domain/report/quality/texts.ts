import { toEntries } from '../../json/json.ts';
import { catalogRule, listArguments, toolRule } from '../catalog-rule.ts';
import type { Rule } from '../rule.ts';

const area = 'quality' as const;
const textOf = (text: string | null | undefined): string => (text ?? '').trim();
const shown = (paths: readonly string[]): string =>
  `${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''}`;

/** Words that say nothing about a tool. */
const empty = new Set(
  'a an the this of for to by in on at from with using and or all its is it tool function given specific'.split(' '),
);
/** "one of: a, b, c", "either 'a' or 'b'" */
const listedValues =
  /\beither ["'`][^"'`\n]{1,60}["'`]|\b(one of|allowed values|possible values|valid (values|options)|options are|must be one of)\b[^.\n]{0,20}[:\s]\s*["'`(]?[\w-]+["'`]?\s*(,|\||\/| or )\s*["'`]?[\w-]+/i;

export const textRules: readonly Rule[] = [
  toolRule({
    area,
    id: 'description-missing',
    severity: 'should',
    title: 'Tools have a description',
    clause: 'Models choose tools by their descriptions.',
    remedy: 'Say what the tool returns, when to use it and what it needs.',
    check: ({ description }) => (textOf(description) === '' ? 'The tool has no description.' : null),
  }),
  toolRule({
    area,
    id: 'description-short',
    version: 2,
    severity: 'advice',
    title: 'Descriptions say more than the name',
    clause: 'Models choose tools by their descriptions.',
    remedy: 'Say what the tool returns, when to use it and what it needs.',
    check({ name, description }) {
      const text = textOf(description);
      if (text === '') return null;
      const words = new Set(name.toLowerCase().split(/[^a-z\d]+|(?<=[a-z])(?=[A-Z])/));
      const more =
        text
          .toLowerCase()
          // Chinese, Japanese and Thai are written without blanks: a character counts as a word.
          .match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\d]+/gu)
          ?.filter((word) => !words.has(word) && !empty.has(word)) ?? [];
      return more.length < 2 ? `The description is ${JSON.stringify(text.slice(0, 100))}.` : null;
    },
  }),
  catalogRule({
    area,
    id: 'descriptions-differ',
    severity: 'should',
    title: 'Descriptions differ',
    clause: 'Of two tools with one description models choose by chance.',
    remedy: 'Say in each description when to use this tool and not the other.',
    check: (tools) =>
      [...Map.groupBy(tools, ({ description }) => textOf(description))].flatMap(([text, same]) =>
        text !== '' && same.length > 1
          ? [
              {
                subject: same[0]?.name ?? '',
                message: `${same
                  .map(({ name }) => name)
                  .slice(0, 5)
                  .join(', ')} have the same description.`,
              },
            ]
          : [],
      ),
  }),
  toolRule({
    area,
    id: 'arguments-described',
    severity: 'should',
    title: 'Arguments are described',
    clause: 'Models fill in arguments by their descriptions.',
    remedy: 'Add a description to each argument: meaning, format, unit, example.',
    check(tool) {
      const bare = listArguments(tool)
        .filter(({ path, schema }) => !path.includes('[') && !path.includes('.') && !schema.has('$ref'))
        .filter(({ schema }) => textOf(asText(schema.get('description'))) === '' && !schema.has('title'))
        .map(({ path }) => path);
      return bare.length > 0 ? `Without a description: ${shown(bare)}.` : null;
    },
  }),
  toolRule({
    area,
    id: 'arguments-typed',
    severity: 'should',
    title: 'Arguments have a type',
    clause: 'Without a type, models guess, and some clients refuse the schema.',
    remedy: 'Add a type to each argument.',
    check(tool) {
      const open = listArguments(tool)
        .filter(({ schema }) => !typing.some((keyword) => schema.has(keyword)))
        .map(({ path }) => path);
      return open.length > 0 ? `Without a type: ${shown(open)}.` : null;
    },
  }),
  toolRule({
    area,
    id: 'enum-in-prose',
    version: 2,
    severity: 'advice',
    title: 'Allowed values are in the schema',
    clause: 'Clients can enforce an enum, but not a sentence.',
    remedy: 'Add an enum with the values that the description lists.',
    check(tool) {
      const prose = listArguments(tool)
        .filter(({ schema }) => schema.get('type') === 'string' && !schema.has('enum') && !schema.has('const'))
        .filter(({ schema }) => listedValues.test(asText(schema.get('description')) ?? ''))
        .map(({ path }) => path);
      return prose.length > 0 ? `Only the description lists the values of ${shown(prose)}.` : null;
    },
  }),
  toolRule({
    area,
    id: 'annotations-missing',
    severity: 'should',
    title: 'Tools say whether they change something',
    clause: 'Without annotations, clients take a tool to be destructive and ask people each time.',
    remedy: 'Add annotations with readOnlyHint, and with destructiveHint and idempotentHint where the tool writes.',
    check: ({ annotations }) =>
      typeof toEntries(annotations)?.get('readOnlyHint') === 'boolean' ||
      typeof toEntries(annotations)?.get('destructiveHint') === 'boolean'
        ? null
        : 'The tool has neither readOnlyHint nor destructiveHint.',
  }),
  toolRule({
    area,
    id: 'annotations-contradict',
    severity: 'should',
    title: 'Annotations do not contradict each other',
    clause: 'MCP 2025-11-25, Schema: ToolAnnotations',
    remedy: 'Correct readOnlyHint or destructiveHint.',
    check: ({ annotations }) => {
      const hints = toEntries(annotations);
      return hints?.get('readOnlyHint') === true && hints.get('destructiveHint') === true
        ? 'The tool is both read-only and destructive.'
        : null;
    },
  }),
  toolRule({
    area,
    id: 'annotations-doubtful',
    severity: 'should',
    title: 'Read-only tools do not sound like writing ones',
    clause: 'Clients run read-only tools without asking.',
    remedy: 'Remove readOnlyHint, or rename the tool.',
    check: ({ name, annotations }) =>
      toEntries(annotations)?.get('readOnlyHint') === true && writing.test(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2'))
        ? 'The tool is called read-only, but its name says that it writes.'
        : null,
  }),
  catalogRule({
    area,
    id: 'arguments-misused',
    severity: 'advice',
    title: 'Models get the arguments right',
    clause: 'Measured in the runs of the last 30 days: three or more wrong calls, and at least a tenth of all.',
    remedy: 'Say in the description what the argument must be, with an example, or make the schema stricter.',
    check: (_, { misuse }) =>
      misuse
        .filter(({ count, calls }) => count >= 3 && count * 10 >= calls)
        .map(({ tool, argument, problem, count, calls }) => ({
          subject: argument === '' ? tool : `${tool}.${argument}`,
          message: `${count} of ${calls} calls: ${problem}.`,
        })),
  }),
];

const typing = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf', 'properties', 'items', 'not', 'if'];
const writing =
  /^(delete|remove|drop|destroy|purge|truncate|send|create|update|insert|overwrite|cancel|revoke)(_|-|$)/i;
const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
