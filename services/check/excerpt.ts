import { compactJson } from '../../domain/json/json.ts';
import { readBlockText, readBlockUri } from '../../domain/run/content.ts';
import type { ToolResult } from '../../domain/run/run.ts';

const maxExcerptLength = 500;

/** Cuts a text, but no surrogate pair: Postgres can't store half of one. */
export const clip = (text: string, length = maxExcerptLength): string =>
  text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;

/** The beginning of a result, then what was noted about the call. Untrusted. */
export function toExcerpt(result: ToolResult): string {
  const { content, structuredContent } = result;
  let excerpt = '';
  for (const block of content) {
    if (excerpt.length >= maxExcerptLength) break;
    excerpt += `${excerpt === '' ? '' : '\n'}${describeBlock(block)}`;
  }
  if (content.length === 0 && structuredContent !== undefined)
    excerpt = compactJson(structuredContent) ?? '[JSON nested too deeply to show]';
  return [clip(excerpt), ...describeNotes(result)].filter((line) => line !== '').join('\n');
}

/** Each note of a call is at most 200 characters, and there are at most five. */
function describeNotes({ notes = [], outputFit }: ToolResult): string[] {
  const unchecked = outputFit?.fits === null ? [`The result was not checked: ${outputFit.reason}.`] : [];
  return [...notes.slice(0, 5), ...unchecked].map((note) => `Note: ${clip(note, 250)}`);
}

function describeBlock(block: ToolResult['content'][number]): string {
  const text = readBlockText(block);
  if (text !== null) return clip(text);
  const uri = readBlockUri(block);
  return `[${clip(block.type, 40)}${uri === null ? '' : ` ${clip(uri, 300)}`}]`;
}

/** Bytes of a result as compact JSON, all of it; null when it is nested too deeply to serialize. */
export function getResultBytes(result: ToolResult): number | null {
  const { content, structuredContent, isError, fullBytes } = result;
  if (fullBytes !== undefined) return fullBytes;
  const json = compactJson({ content, structuredContent, isError });
  return json === null ? null : Buffer.byteLength(json);
}
