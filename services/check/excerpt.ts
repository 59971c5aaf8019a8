import { compactJson } from '../../domain/json/json.ts';
import type { ToolResult } from '../../domain/run/run.ts';
import type { Redactor } from '../../infra/redaction/index.ts';

const longestExcerpt = 500;
/** Names of credentials are found by reading a text as JSON whole; a longer one would cost more than its excerpt is worth. */
const longestRead = 64 * 1024;

export const clip = (text: string, length = longestExcerpt): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** The beginning of a result, redacted. Untrusted. */
export function excerptOf({ content, structuredContent }: ToolResult, redactor: Redactor): string {
  let excerpt = '';
  for (const block of content) {
    if (excerpt.length >= longestExcerpt) break;
    excerpt += `${excerpt === '' ? '' : '\n'}${blockText(block, redactor)}`;
  }
  if (content.length === 0 && structuredContent !== undefined)
    excerpt = documentText(compactJson(structuredContent) ?? '', structuredContent, redactor);
  return clip(excerpt);
}

function blockText(block: ToolResult['content'][number], redactor: Redactor): string {
  const { type, text } = block;
  if (typeof text !== 'string') return `[${clip(redactor.text(type), 40)}]`;
  if (text.length > longestRead)
    // Cut before redaction, with room for what masks are shorter than what they mask. JSON could hold a credential under a name that
    // only the whole would tell.
    return /^\s*[{[]/.test(text)
      ? `[JSON of ${text.length} characters]`
      : redactor.text(text.slice(0, 16 * longestExcerpt)).slice(0, longestExcerpt);
  const [redacted] = redactor.result({ content: [{ type, text }], isError: false }).content;
  return redacted?.text ?? '';
}

function documentText(json: string, value: unknown, redactor: Redactor): string {
  if (json.length > longestRead) return `[JSON of ${json.length} characters]`;
  return compactJson(redactor.value(value)) ?? '[JSON nested too deeply to show]';
}

/** Bytes of a result as compact JSON; null for one that is nested too deeply to be written. */
export function sizeOf(result: ToolResult): number | null {
  const json = compactJson(result);
  return json === null ? null : Buffer.byteLength(json);
}
