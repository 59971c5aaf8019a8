import { expect, it } from 'vitest';
import { fieldLabel } from './definition-labels.ts';

it.each([
  ['definition.criteria[2].text', 'Criterion 3'],
  ['definition.criteria', 'Success criteria'],
  ['changes.prompt', 'Prompt'],
  ['definition.limits.toolCalls', 'Limits, tool calls'],
  ['definition.testerModels[1]', 'Tester models (2)'],
  ['url', 'URL'],
  ['maxConcurrency', 'Max concurrency'],
  ['name', 'Name'],
])('calls the field %s "%s"', (path, words) => {
  expect(fieldLabel(path)).toBe(words);
});
