import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { useCase } from '../../context/use-case.ts';
import { listModels } from '../../model/list.ts';

export const guideTopics = ['assertions', 'steps', 'definition', 'models'] as const;

/** Pages of the documentation, whole or from the first of these headings to the last. */
const pages: { [topic in (typeof guideTopics)[number]]: { page: string; sections?: readonly string[] } } = {
  assertions: { page: 'assertions' },
  steps: { page: 'steps' },
  definition: { page: 'workflows', sections: ['Definition and versions', 'Limits', 'Tool policy', 'Schedules'] },
  models: { page: 'runs', sections: ['Built-in models'] },
};

const docs = new URL('../../../docs/', import.meta.url);

export const getAuthoringGuideOutput = z.object({
  topics: z.array(z.enum(guideTopics)),
  text: z.string().describe('Markdown.'),
  models: z
    .array(
      z.object({
        id: z.string(),
        tester: z.boolean(),
        judge: z.boolean(),
        keySet: z.boolean().describe('Whether it can be used.'),
        price: z
          .object({ input: z.number(), output: z.number() })
          .nullable()
          .describe('US dollars per million tokens; null: unknown.'),
      }),
    )
    .optional()
    .describe('With the topic models.'),
});

/** How to write a workflow, from the documentation: an overview, or one topic. */
export const getAuthoringGuide = useCase({
  name: 'workflow.authoring_guide',
  access: 'viewer',
  input: z.object({ topic: z.enum(guideTopics).optional().describe('Leave it out for an overview.') }),
  async run({ ctx }, { topic }): Promise<z.infer<typeof getAuthoringGuideOutput>> {
    const { page, sections } = topic === undefined ? { page: 'authoring', sections: undefined } : pages[topic];
    const text = await readFile(new URL(`${page}.md`, docs), 'utf8');
    const { models } = topic === 'models' ? await listModels(ctx, {}) : { models: null };
    return {
      topics: [...guideTopics],
      text: sections === undefined ? text : pickSections(text, sections),
      ...(models && {
        models: models.map(({ id, tester, judge, keySet, price }) => ({
          id,
          tester,
          judge,
          keySet,
          price: price && { input: price.input, output: price.output },
        })),
      }),
    };
  },
});

const pickSections = (text: string, headings: readonly string[]): string =>
  text
    .split(/^(?=## )/m)
    .filter((section) => headings.some((heading) => section.startsWith(`## ${heading}\n`)))
    .join('')
    .trimEnd();
