import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCriterion } from '../../../domain/assertion/criterion.ts';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import { readScript } from '../../../domain/workflow/script.ts';
import { type TestDeps, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import type { Context } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { getAuthoringGuide, getAuthoringGuideOutput, guideTopics } from './guide.ts';

let made: TestDeps;
let ctx: Context;
beforeAll(async () => {
  made = await testDeps();
  ctx = (await testOrg(made.deps)).ctx;
});
afterAll(() => made?.close());

const read = async (topic?: (typeof guideTopics)[number]) =>
  getAuthoringGuideOutput.parse(await getAuthoringGuide(ctx, topic ? { topic } : {}));

/** The code in one column of the tables of a page, without the Markdown around it. */
const codeInColumn = (text: string, column: number): string[] =>
  text.split('\n').flatMap((line) => {
    const cell = line.split(/(?<!\\)\|/)[column]?.trim() ?? '';
    const [, code] = /^(?:`` (.*) ``|``\s?(.*?)\s?``|`(.*)`)$/s.exec(cell)?.filter((part) => part !== undefined) ?? [];
    return code === undefined ? [] : [code.trim()];
  });

describe('the authoring guide', () => {
  it('names its topics, and has a text for each', async () => {
    expect((await read()).topics).toEqual(guideTopics);
    for (const topic of guideTopics) expect((await read(topic)).text.length, topic).toBeGreaterThan(200);
  });

  it('is the documentation', async () => {
    const page = await readFile(new URL('../../../docs/assertions.md', import.meta.url), 'utf8');
    expect((await read('assertions')).text).toBe(page);
  });

  it('has examples of assertions that are graded by code', async () => {
    const { text } = await read('assertions');
    const examples = codeInColumn(text.slice(text.indexOf('## Forms'), text.indexOf('### Parts')), 2);
    expect(examples).toHaveLength(13);
    for (const example of examples) expect(describeCriterion(example), example).toMatchObject({ by: 'assertion' });
  });

  it('has examples of steps that can be carried out', async () => {
    const { text } = await read('steps');
    const examples = codeInColumn(text, 1);
    expect(examples).toHaveLength(8);
    for (const example of examples) {
      const earlier = 'call one {}\ncall two {}\n';
      const steps = readScript(`${earlier}${example}`, new Set());
      expect(steps, example).toMatchObject([{}, {}, { number: 3, problem: null }]);
    }
  });

  it('has a definition that is valid, with steps and assertions alone', async () => {
    const { text } = await read();
    const [, json = ''] = /```json\n(.*?)```/s.exec(text) ?? [];
    const example = JSON.parse(json);
    const definition = workflowDefinition.parse({
      ...example,
      serverId: newId(),
      criteria: example.criteria.map((each: object) => ({ ...each, id: newId() })),
    });
    expect(readScript(definition.prompt, new Set()).map(({ problem }) => problem)).toEqual([null, null, null]);
    for (const { text: line } of definition.criteria) expect(describeCriterion(line).by, line).toBe('assertion');
  });

  it('lists the models, and whether they can be used', async () => {
    const { models } = await read('models');
    expect(models).toContainEqual({
      id: 'builtin/scripted',
      tester: true,
      judge: false,
      keySet: true,
      price: { input: 0, output: 0 },
    });
  });
});
