import { expect, it } from 'vitest';
import { createRedactor } from '../../infra/redaction/index.ts';
import type { Model } from '../ports.ts';
import { maskModel } from './masked-model.ts';

it("masks secrets in a model's answer and in the arguments of its calls, which stay JSON", async () => {
  const usage = { input: 1, output: 2 };
  const model: Model = {
    id: 'm',
    complete: async () => ({
      content: 'The key is abc-123-def.',
      toolCalls: [{ id: '1', name: 'abc-123-def', arguments: '{"key":"abc-123-def","n":1.0,"token":"kept"}' }],
      usage,
    }),
    cost: () => 3,
  };
  const masked = maskModel(model, createRedactor(['abc-123-def']));
  expect(await masked.complete({ messages: [], signal: new AbortController().signal })).toEqual({
    content: 'The key is [redacted].',
    toolCalls: [{ id: '1', name: 'abc-123-def', arguments: '{"key":"[redacted]","n":1.0,"token":"kept"}' }],
    usage,
  });
  expect([masked.id, masked.cost(usage)]).toEqual(['m', 3]);
});
