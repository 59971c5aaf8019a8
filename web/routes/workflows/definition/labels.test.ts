import { expect, it } from 'vitest';
import { fieldLabel, fieldName, valueText } from './labels.ts';

it.each([
  ['definition.criteria[2].text', 'Criterion 3'],
  ['definition.criteria', 'Success criteria'],
  ['changes.prompt', 'Prompt'],
  ['definition.limits.toolCalls', 'Tool calls per run'],
  ['changes.toolPolicy.blockedTools[2]', 'Blocked tools'],
  ['definition.testerModels[1]', 'Tester models (2)'],
  ['url', 'URL'],
  ['maxConcurrency', 'Max concurrency'],
  ['name', 'Name'],
])('calls the field %s "%s"', (path, words) => {
  expect(fieldLabel(path)).toBe(words);
});

it.each([
  ['prompt', 'Prompt'],
  ['limits.toolCalls', 'Tool calls per run'],
  ['metadata.team', 'Metadata: team'],
])('names %s "%s"', (field, name) => expect(fieldName(field)).toBe(name));

it.each([
  ['schedule', null, 'Manual'],
  ['authProfileId', null, "The server's default"],
  ['storeToolResults', false, 'No'],
  ['limits', { turns: 20, toolCalls: 50 }, 'Tool calls per run: 50\nModel turns per run: 20'],
  ['toolPolicy', { allowedTools: ['a', 'b'], blockedTools: [] }, 'Allowed tools: a, b\nBlocked tools: –'],
  ['criteria', [{ text: ' no tool call fails', isRequired: false }], 'no tool call fails (optional)'],
])('shows %s %j as %j', (field, value, text) => expect(valueText(field, value)).toBe(text));
