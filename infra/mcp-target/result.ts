import { listExactNumbers, mayRoundNumbers, parseExactly } from '../../domain/json/exact.ts';
import { toEntries } from '../../domain/json/json.ts';
import type { ContentBlock, ToolResult } from '../../domain/run/run.ts';

/** Of a result, this many bytes are kept, in runs and checks alike. */
export const maxKeptBytes = 1024 * 1024;
/** Of a UTF-16 unit in UTF-8. */
const maxBytesPerUnit = 3;

/**
 * Cuts a result that is larger: blocks from the end, a text between code points, and `structuredContent` is kept only
 * if it fits. @param sentLength length of the text that contained it, if known: measuring small results would cost time
 */
export function keepWithin(result: ToolResult, maxBytes: number, sentLength = Number.POSITIVE_INFINITY): ToolResult {
  if (sentLength * maxBytesPerUnit <= maxBytes) return result;
  const { content, structuredContent, ...rest } = result;
  const structuredBytes = structuredContent === undefined ? 0 : sizeOf(structuredContent);
  const fullBytes = content.reduce((sum, block) => sum + sizeOf(block), 0) + structuredBytes;
  if (fullBytes <= maxBytes) return result;
  const kept: ContentBlock[] = [];
  let left = maxBytes;
  for (const block of content) {
    const bytes = sizeOf(block);
    if (bytes <= left) {
      kept.push(block);
      left -= bytes;
      continue;
    }
    const part = cutText(block, left);
    if (part) {
      kept.push(part);
      left -= sizeOf(part);
    }
    break;
  }
  const keepsStructured = structuredContent !== undefined && structuredBytes <= left;
  return { ...rest, content: kept, ...(keepsStructured && { structuredContent }), fullBytes };
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** The part of a text block that fits; null if there is none. */
function cutText(block: ContentBlock, maxBytes: number): ContentBlock | null {
  const { text, ...rest } = block;
  if (typeof text !== 'string') return null;
  const room = maxBytes - sizeOf({ ...rest, text: '' });
  if (room <= 0) return null;
  // Escapes and wide characters take more bytes than characters, so that the first guess may be too long.
  let end = Math.min(text.length, room);
  let size = sizeOf(text.slice(0, end)) - 2;
  while (size > room && end > 0) {
    end = Math.floor(end * Math.max(room / size, 0.5));
    size = sizeOf(text.slice(0, end)) - 2;
  }
  const cut = text.slice(0, end).replace(/[\ud800-\udbff]$/, '');
  return cut === '' ? null : { ...rest, type: block.type, text: cut };
}

/** The result with the digits of its long numbers. @param text the message, or messages, that contained it */
export function withNumbers(result: ToolResult, text: string): ToolResult {
  if (result.structuredContent === undefined || !mayRoundNumbers(text)) return result;
  const messages = [parseExactly(text)].flat();
  const [sent, ...others] = messages.flatMap((message) => {
    const structured = toEntries(toEntries(message)?.get('result'))?.get('structuredContent');
    return structured === undefined ? [] : [structured];
  });
  // Of several answers in one text, nobody knows here which one it is.
  const exactNumbers = others.length > 0 ? null : listExactNumbers(sent);
  return exactNumbers ? { ...result, exactNumbers } : result;
}
