import { z } from 'zod';
import { toEntries } from '../../json/json.ts';
import type { Evidence, ToolAnswer } from '../evidence.ts';
import { notApplicable, type Rule } from '../rule.ts';

const block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({ type: z.literal('image'), data: z.base64(), mimeType: z.string() }),
  z.looseObject({ type: z.literal('audio'), data: z.base64(), mimeType: z.string() }),
  z.looseObject({ type: z.literal('resource_link'), uri: z.string(), name: z.string() }),
  z.looseObject({ type: z.literal('resource'), resource: z.looseObject({ uri: z.string() }) }),
]);

const clause = 'MCP 2025-11-25, Tools';
const hasOutputSchema = ({ catalog }: Evidence, { tool }: ToolAnswer): boolean =>
  catalog?.tools.some(({ name, outputSchema }) => name === tool && toEntries(outputSchema) !== null) ?? false;

type AnswerRule = Pick<Rule, 'id' | 'severity' | 'title' | 'clause' | 'remedy'> & {
  looksAt: (answer: ToolAnswer, evidence: Evidence) => boolean;
  check: (answer: ToolAnswer) => string | null;
};

/** A rule over recorded results of tools. The latest one of each tool that breaks it is named. */
const answerRule = ({ looksAt, check, ...about }: AnswerRule): Rule => ({
  ...about,
  version: 1,
  area: 'conformance',
  applies: (evidence) =>
    evidence.answers.some((answer) => looksAt(answer, evidence))
      ? true
      : notApplicable('No result was recorded that this rule is about.'),
  check: (evidence) =>
    evidence.answers
      .filter((answer) => looksAt(answer, evidence))
      .flatMap((answer) => {
        const problem = check(answer);
        return problem === null ? [] : [{ subject: answer.tool, message: `${problem} (${answer.from})` }];
      }),
});

const isGood = (answer: ToolAnswer): boolean => !answer.isError && answer.wasInvalid !== true;

export const resultRules: readonly Rule[] = [
  answerRule({
    id: 'structured-content',
    severity: 'must',
    title: 'Tools with an output schema return structured content',
    clause: `${clause}: Output schema`,
    remedy: 'Return structuredContent that fits the output schema, or remove the schema.',
    looksAt: (answer, evidence) => isGood(answer) && hasOutputSchema(evidence, answer),
    check: ({ structuredContent }) => (structuredContent === undefined ? 'The result has no structuredContent.' : null),
  }),
  answerRule({
    id: 'output-schema',
    severity: 'must',
    title: 'Structured content fits the output schema',
    clause: `${clause}: Output schema`,
    remedy: 'Correct the result or the output schema: clients refuse results that break it.',
    looksAt: (answer, evidence) =>
      isGood(answer) && answer.structuredContent !== undefined && hasOutputSchema(evidence, answer),
    check: ({ schemaIssue }) => schemaIssue,
  }),
  answerRule({
    id: 'structured-text',
    severity: 'should',
    title: 'Structured content is also returned as text',
    clause: `${clause}: Structured content`,
    remedy: 'Add a text block with the structured content as JSON, for clients that read texts only.',
    looksAt: (answer) => isGood(answer) && answer.structuredContent !== undefined,
    check: ({ content }) =>
      Array.isArray(content) && content.some((each) => toEntries(each)?.get('type') === 'text')
        ? null
        : 'The result has structuredContent, but no text.',
  }),
  answerRule({
    id: 'content-blocks',
    severity: 'must',
    title: 'The content of results is valid',
    clause: `${clause}: Tool result`,
    remedy: 'Correct the content block that is named.',
    looksAt: () => true,
    check({ content }) {
      if (!Array.isArray(content)) return 'content is not a list.';
      for (const [index, each] of content.entries()) {
        const issue = block.safeParse(each).error?.issues[0];
        if (issue) return `content[${index}].${issue.path.join('.')}: ${issue.message}.`;
      }
      return null;
    },
  }),
  answerRule({
    id: 'error-text',
    severity: 'should',
    title: 'Failed calls say why',
    clause: `${clause}: Error handling`,
    remedy: 'Add a text block that says what is wrong and what the model can do.',
    looksAt: ({ isError }) => isError,
    check: ({ content }) =>
      Array.isArray(content) &&
      content.some((each) => {
        const text = toEntries(each)?.get('text');
        return typeof text === 'string' && text.trim().length > 3;
      })
        ? null
        : 'A failed call has no text.',
  }),
  answerRule({
    id: 'invalid-arguments',
    severity: 'should',
    title: 'Wrong arguments are refused',
    clause: `${clause}: Error handling`,
    remedy: 'Compare arguments with the input schema, and answer wrong ones with isError and a text that names them.',
    looksAt: ({ wasInvalid }) => wasInvalid === true,
    check: ({ isError }) => (isError ? null : 'A call with arguments that break the input schema succeeded.'),
  }),
];
