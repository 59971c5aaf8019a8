import { catalogRule, textRule, toolRule } from '../catalog-rule.ts';
import type { Rule } from '../rule.ts';

const area = 'safety' as const;
const clause = 'People who approve a tool do not see what models read.';

/** Tags: a copy of ASCII that nothing shows. Flags of regions are the one use. */
const tags = /[\u{e0000}-\u{e007f}]/u;
const flags = /\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}/gu;
const bidi = /[\u202a-\u202e\u2066-\u2069]/;
/** Joiners are a part of emoji and of several scripts; elsewhere they hide something. */
const zeroWidth =
  /[\u200b\u2060-\u2064\ufeff\u180e]|(?<!\p{Extended_Pictographic}|\u{fe0f}|[\u{1f3fb}-\u{1f3ff}]|\p{Script=Arabic}|\p{M})[\u200c\u200d]|[\u200c\u200d](?=[A-Za-z\d])/u;
/** Escape sequences of terminals, and other control characters but line breaks and tabs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const controls = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/;
const variationSelectors = /[\ufe00-\ufe0e\u{e0100}-\u{e01ef}]{2,}/u;
// The look-behind lets a long row be read once only.
const blanks = /(?<![ \t\u00a0\u3000])[ \t\u00a0\u3000]{80,}\S|(?<!\n)\n{20,}/;

export const hidden: readonly { id: string; what: string; finds: (text: string) => boolean }[] = [
  { id: 'tags', what: 'invisible tag characters', finds: (text) => tags.test(text.replace(flags, '')) },
  { id: 'bidi', what: 'characters that reverse the direction of the text', finds: (text) => bidi.test(text) },
  { id: 'zero-width', what: 'characters without width', finds: (text) => zeroWidth.test(text.replace(/^\ufeff/, '')) },
  {
    id: 'controls',
    what: 'control characters, such as escape sequences of terminals',
    finds: (text) => controls.test(text),
  },
  {
    id: 'variation-selectors',
    what: 'a series of variation selectors, which can carry hidden text',
    finds: (text) => variationSelectors.test(text),
  },
];

/** The characters as people can see them: \u202e */
export const showHidden = (text: string): string =>
  text.replace(
    /[\p{Cf}\p{Cc}\p{M}\u{e0000}-\u{e01ef}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

const scripts =
  /\p{Script=Cyrillic}|\p{Script=Greek}|\p{Script=Armenian}|\p{Script=Cherokee}|[\uff01-\uff5e]|[\u{1d400}-\u{1d7ff}]/u;

/** Letters that look like Latin ones. */
const lookalikes: ReadonlyMap<string, string> = new Map(
  [...'аaеeоoрpсcуyхxіiјjѕsһhԁdɡgʟlνvοoαaιiρpτtυuκkμuωwІIОOРPСCТTХXАAВBЕEКKМMНH'].flatMap((character, index, all) =>
    index % 2 === 0 ? [[character, all[index + 1] ?? '']] : [],
  ),
);
const skeleton = (name: string): string =>
  [...name.normalize('NFKC')]
    .map((character) => lookalikes.get(character) ?? character)
    .join('')
    .replaceAll(/[1l|I]/g, 'l')
    .replaceAll(/0/g, 'o')
    .toLowerCase();

export const characterRules: readonly Rule[] = [
  ...hidden.map(({ id, what, finds }) =>
    textRule({
      area,
      id: `hidden-${id}`,
      severity: 'must',
      title: `Texts contain no ${what}`,
      clause,
      remedy: 'Remove the characters. If you did not write them, do not use the tool.',
      find(text) {
        if (!finds(text)) return null;
        const start = Math.max(0, [...text].findIndex((character) => finds(character)) - 30);
        return showHidden([...text].slice(start, start + 80).join(''));
      },
      describe: ({ at, found }) => `In ${at}: ${found}`,
    }),
  ),
  textRule({
    area,
    id: 'hidden-by-blanks',
    severity: 'should',
    title: 'Texts are not pushed out of sight by blanks',
    clause,
    remedy: 'Remove the blanks.',
    find: (text) => (blanks.test(text.trimEnd()) ? 'a long row of blanks or empty lines' : null),
    describe: ({ at, found }) => `In ${at}, text follows ${found}.`,
  }),
  toolRule({
    area,
    id: 'confusable-name',
    severity: 'must',
    title: 'Names do not mix alphabets',
    clause: 'A name with a foreign letter looks like that of another tool.',
    remedy: 'Write the name in one alphabet.',
    check: ({ name }) =>
      scripts.test(name) && /[a-z]/i.test(name) ? `The name mixes alphabets: ${name.slice(0, 100)}.` : null,
  }),
  catalogRule({
    area,
    id: 'lookalike-names',
    severity: 'should',
    title: 'Names look different',
    clause: 'People and models take one tool for the other.',
    remedy: 'Rename one of the tools.',
    check: (tools) =>
      [...Map.groupBy(tools, ({ name }) => skeleton(name)).values()].flatMap((same) => {
        const spellings = new Set(same.map(({ name }) => name.toLowerCase()));
        return spellings.size > 1
          ? [{ subject: same[0]?.name ?? '', message: `${[...spellings].slice(0, 3).join(' and ')} look the same.` }]
          : [];
      }),
  }),
];
