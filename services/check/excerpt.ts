import { compactJson } from '../../domain/json/json.ts';
import type { ToolResult } from '../../domain/run/run.ts';
import type { Redactor } from '../../infra/redaction/index.ts';

const maxExcerptLength = 500;
/**
 * Credentials are found by parsing a text as JSON as a whole; parsing a longer one costs more than its excerpt is
 * worth.
 */
const maxParsedLength = 64 * 1024;

export const clip = (text: string, length = maxExcerptLength): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** The beginning of a result, redacted. Untrusted. */
export function toExcerpt({ content, structuredContent }: ToolResult, redactor: Redactor): string {
  let excerpt = '';
  for (const block of content) {
    if (excerpt.length >= maxExcerptLength) break;
    excerpt += `${excerpt === '' ? '' : '\n'}${blockText(block, redactor)}`;
  }
  if (content.length === 0 && structuredContent !== undefined)
    excerpt = documentText(compactJson(structuredContent) ?? '', structuredContent, redactor);
  return clip(excerpt);
}

function blockText(block: ToolResult['content'][number], redactor: Redactor): string {
  const { type, text } = block;
  if (typeof text !== 'string') return `[${clip(redactor.text(type), 40)}]`;
  if (text.length > maxParsedLength)
    // Cut before redaction, with room for masks that are shorter than what they mask. In cut JSON the name of a
    // credential could be missing, so there is no excerpt of it.
    return /^\s*[{[]/.test(text)
      ? `[JSON of ${text.length} characters]`
      : redactor.text(text.slice(0, 16 * maxExcerptLength)).slice(0, maxExcerptLength);
  const [redacted] = redactor.result({ content: [{ type, text }], isError: false }).content;
  return redacted?.text ?? '';
}

function documentText(json: string, value: unknown, redactor: Redactor): string {
  if (json.length > maxParsedLength) return `[JSON of ${json.length} characters]`;
  return compactJson(redactor.value(value)) ?? '[JSON nested too deeply to show]';
}

/** Bytes of a result as compact JSON; null when it is nested too deeply to serialize. */
export function getResultBytes(result: ToolResult): number | null {
  const json = compactJson(result);
  return json === null ? null : Buffer.byteLength(json);
}
