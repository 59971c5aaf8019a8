import { expect, it } from 'vitest';
import { resultBytes } from './at-once.ts';

it.each([
  ['nothing', {}],
  ['quotes and backslashes', { path: 'C:\\new', said: '"no\\"', '"key"': '\\' }],
  ['control characters', { text: '\0\n\r\t\u001f\u007f' }],
  ['other alphabets', { text: 'naïve — 日本語 🙂 \u2028', half: '\ud83d' }],
  ['what looks like its own ending', { text: '"}],"structuredContent":{' }],
])('writes a result as JSON.stringify does: %s', (_, structuredContent) => {
  const text = JSON.stringify(structuredContent);
  expect(resultBytes(text, '"jsonrpc":"2.0","id":"ü"').toString()).toBe(
    JSON.stringify({ result: { content: [{ type: 'text', text }], structuredContent }, jsonrpc: '2.0', id: 'ü' }),
  );
});
