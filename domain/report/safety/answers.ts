import { compactJson, toEntries } from '../../json/json.ts';
import type { ToolAnswer } from '../evidence.ts';
import { type Found, notApplicable, type Rule, type Severity } from '../rule.ts';
import { hidden } from './characters.ts';
import { patterns, quoteMatch } from './instructions.ts';
import { findCredential } from './secrets.ts';

/** The same rules over what tools returned: strangers may have written it, so it is only advised to look. */
const answerRule = (
  about: { id: string; severity: Severity; title: string; clause: string; remedy: string; version?: number },
  find: (text: string) => string | null,
): Rule => ({
  version: 1,
  ...about,
  area: 'safety',
  applies: ({ answers }) => (answers.length > 0 ? true : notApplicable('No result was recorded.')),
  check: ({ answers }) =>
    answers.flatMap((answer): Found[] => {
      const found = find(textOf(answer));
      return found === null ? [] : [{ subject: answer.tool, message: `A result contains ${found} (${answer.from}).` }];
    }),
});

const maxLength = 64 * 1024;

function textOf({ content, structuredContent }: ToolAnswer): string {
  const texts = Array.isArray(content)
    ? content.flatMap((block) => {
        const text = toEntries(block)?.get('text') ?? toEntries(toEntries(block)?.get('resource'))?.get('text');
        return typeof text === 'string' ? [text] : [];
      })
    : [];
  const all = texts.length > 0 ? texts.join('\n') : (compactJson(structuredContent ?? null) ?? '');
  return all.slice(0, maxLength);
}

const clause = 'Models follow instructions in results as well. Strangers may have written them.';
const remedy = 'Find out where the text came from, and let the server mark or remove it.';

export const answerRules: readonly Rule[] = [
  ...hidden
    .filter(({ id }) => id === 'tags' || id === 'bidi' || id === 'variation-selectors')
    .map(({ id, what, finds }) =>
      answerRule(
        { id: `result-${id}`, severity: 'should', title: `Results contain no ${what}`, clause, remedy },
        (text) => (finds(text) ? what : null),
      ),
    ),
  ...patterns
    .filter(({ severity }) => severity === 'must')
    .map(({ id, title, finds }) =>
      answerRule(
        { id: `result-${id}`, severity: 'should', title: title.replace('No text', 'No result'), clause, remedy },
        (text) => quoteMatch(finds, text),
      ),
    ),
  answerRule(
    {
      id: 'result-credential',
      severity: 'should',
      title: 'Results contain no credentials',
      clause: 'Models and their logs get what a tool returns.',
      remedy: 'Let the tool leave the credential out, and revoke it.',
    },
    (text) => {
      const found = findCredential(text);
      return found === null ? null : `what looks like a credential, ${found}`;
    },
  ),
];
