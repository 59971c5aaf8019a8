import { expect, it } from 'vitest';
import { readDocument } from '../document/read.ts';
import { listTools } from './list.ts';
import { estimateTokens } from './tokens.ts';

function listOf(count: number, description: string) {
  const paths = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`/a${at}`, { get: { description, responses: {} } }]),
  );
  const read = readDocument(JSON.stringify({ openapi: '3.1.0', info: { title: '', version: '' }, paths }));
  if ('refusal' in read) throw new Error(read.refusal.message);
  return listTools(read.document);
}

it('counts what the list of tools has as JSON', () => {
  const { tools, tokens } = listOf(30, 'Says "much". '.repeat(10));
  const sent = (bare: boolean) =>
    estimateTokens(
      tools
        .map(({ name, description, inputSchema, annotations }) =>
          JSON.stringify({ name, description: bare ? '' : description, inputSchema, annotations }),
        )
        .join(',').length,
    );
  expect(Math.abs(tokens.list - sent(false)) / sent(false)).toBeLessThan(0.05);
  expect(Math.abs(tokens.withoutDescriptions - sent(true)) / sent(true)).toBeLessThan(0.05);
});

it('needs as much in search mode, however many operations there are', () => {
  const [few, many] = [listOf(2, 'x').tokens, listOf(200, 'x').tokens];
  expect(many.list).toBeGreaterThan(50 * few.list);
  expect(many.search - few.search).toBeLessThan(5);
});

it('names the largest tools, the largest first, and always the same', () => {
  const { largest } = listOf(30, 'x').tokens;
  expect(largest).toHaveLength(10);
  expect(largest.map(({ tokens }) => tokens)).toEqual(
    largest.map(({ tokens }) => tokens).sort((one, two) => two - one),
  );
  expect(listOf(30, 'x').tokens.largest).toEqual(largest);
});
