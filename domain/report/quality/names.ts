import { catalogRule, toolRule } from '../catalog-rule.ts';
import type { Rule } from '../rule.ts';

const area = 'quality' as const;
const normalize = (name: string): string => name.toLowerCase().replaceAll(/[^a-z\d]/g, '');

export const nameRules: readonly Rule[] = [
  toolRule({
    area,
    id: 'name-length-64',
    severity: 'should',
    title: 'Names have at most 64 characters',
    clause: 'The APIs of OpenAI and Google refuse requests with longer names.',
    remedy: 'Shorten the name.',
    check: ({ name }) => (name.length > 64 ? `The name has ${name.length} characters.` : null),
  }),
  toolRule({
    area,
    id: 'name-length-60',
    severity: 'advice',
    title: 'Names have at most 60 characters',
    clause: 'Cursor leaves out tools whose name is longer than 60 characters with the name of the server.',
    remedy: 'Shorten the name.',
    check: ({ name }) => (name.length > 60 && name.length <= 64 ? `The name has ${name.length} characters.` : null),
  }),
  toolRule({
    area,
    id: 'name-characters',
    severity: 'should',
    title: 'Names consist of letters, digits, "_" and "-"',
    clause: 'The APIs of OpenAI and Anthropic refuse other characters in names.',
    remedy: 'Replace other characters in the name by "_".',
    check: ({ name }) => (/^[\w-]+$/.test(name) ? null : `The name is ${JSON.stringify(name.slice(0, 100))}.`),
  }),
  toolRule({
    area,
    id: 'name-first-character',
    severity: 'advice',
    title: 'Names begin with a letter or "_"',
    clause: "Google's API refuses names that begin with a digit or a sign.",
    remedy: 'Let the name begin with a letter.',
    check: ({ name }) => (/^[a-z_]/i.test(name) ? null : `The name is ${JSON.stringify(name.slice(0, 100))}.`),
  }),
  catalogRule({
    area,
    id: 'names-differ',
    severity: 'should',
    title: 'Names differ in more than case and separators',
    clause: 'Models confuse get_user and getUser.',
    remedy: 'Give the tools names that say what is different.',
    check: (tools) =>
      [...Map.groupBy(tools, ({ name }) => normalize(name))].flatMap(([key, same]) =>
        key !== '' && same.length > 1
          ? [
              {
                subject: same[0]?.name ?? '',
                message: `${same
                  .map(({ name }) => name)
                  .slice(0, 5)
                  .join(', ')} are nearly the same.`,
              },
            ]
          : [],
      ),
  }),
];
