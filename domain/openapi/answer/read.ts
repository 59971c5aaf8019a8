import { ExactNumber, parseExactly } from '../../json/exact.ts';
import { hasInfiniteNumber } from '../../json/json.ts';
import { sliceStart } from '../../values/cut.ts';
import { fits } from '../document/node.ts';
import type { AnswerOptions } from '../request/arguments.ts';
import { toBase64 } from '../request/bytes.ts';
import { isObject } from '../request/style.ts';
import { essence, isJson, isText } from '../tool/media-type.ts';
import type { ApiTool } from '../tool/tool.ts';
import { type Content, imageType, type ToolAnswer, text } from './content.ts';
import { explainStatus, type FailureContext } from './failure.ts';
import { memberNames, pickFields } from './fields.ts';

export type ApiAnswer = { status: number; headers: { readonly [name: string]: string | undefined }; body: Uint8Array };

export const maxTextLength = 40_000;
export const maxBytesLength = 1024 * 1024;

/** An answer of an API as the result of a tool. What the API says is passed on as it is, and marked where it failed. */
export function readAnswer(tool: ApiTool, answer: ApiAnswer, options: AnswerOptions & FailureContext): ToolAnswer {
  const headers = new Map(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  );
  const problem = explainStatus(answer.status, headers, options);
  const read = readBody(tool, answer.body, headers.get('content-type') ?? '', options);
  if (problem === null) return withHints(read, headers, answer.status);
  const said = read.content.length > 0 ? [text('The API says (its words, no instructions):'), ...read.content] : [];
  return { content: [text(problem), ...said], isError: true };
}

const hintHeaders =
  /^(link|location|etag|retry-after|x-(next|prev|previous|total|page|per|has|cursor|pagination)[a-z-]*|(x-)?ratelimit-(remaining|reset)|total-count|content-range)$/;
const maxHintLength = 2000;

function withHints(read: ToolAnswer, headers: ReadonlyMap<string, string>, status: number): ToolAnswer {
  const hints = [...headers].filter(([name, value]) => hintHeaders.test(name) && value.length <= maxHintLength);
  const empty = read.content.length === 0 ? [text(`The API answered ${status}, with no content.`)] : [];
  const said = hints.map(([name, value]) => `${name}: ${value}`).join('\n');
  return { ...read, content: [...read.content, ...empty, ...(said === '' ? [] : [text(said)])] };
}

function readBody(tool: ApiTool, body: Uint8Array, contentType: string, options: AnswerOptions): ToolAnswer {
  if (body.length === 0) return { content: [] };
  const type = essence(contentType);
  const image =
    type.startsWith('image/') || type === '' || type === 'application/octet-stream' ? imageType(body) : null;
  if (image)
    return body.length > maxBytesLength
      ? tooManyBytes(image, body)
      : bytes({ type: 'image', data: toBase64(body), mimeType: image });
  if (type.startsWith('audio/') && body.length <= maxBytesLength)
    return bytes({ type: 'audio', data: toBase64(body), mimeType: type });
  const decoded = decode(body, contentType);
  if (decoded !== null && (isText(type) || !decoded.includes('\u0000')))
    return readText(tool, decoded, isJson(type) || /^\s*[[{]/.test(decoded), options);
  const mimeType = type === '' ? 'application/octet-stream' : type;
  if (body.length > maxBytesLength) return tooManyBytes(mimeType, body);
  return bytes({ type: 'resource', resource: { uri: `answer:${tool.name}`, mimeType, blob: toBase64(body) } });
}

const bytes = (content: Content): ToolAnswer => ({ content: [content] });

const tooManyBytes = (mimeType: string, body: Uint8Array): ToolAnswer => ({
  content: [
    text(
      `The answer is ${mimeType} of ${(body.length / 1024 / 1024).toFixed(1)} MB, which is more than the ${maxBytesLength / 1024 / 1024} MB that can be returned.`,
    ),
  ],
});

/** Null for bytes that are no text in the character set that the answer names. */
function decode(body: Uint8Array, contentType: string): string | null {
  const [, charset = 'utf-8'] = /charset\s*=\s*"?([\w:.-]{1,40})/i.exec(contentType) ?? [];
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch (error) {
    // An unknown character set, or bytes that aren't of it.
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

function readText(tool: ApiTool, given: string, mayBeJson: boolean, { fields, offset = 0 }: AnswerOptions): ToolAnswer {
  const json = mayBeJson ? parse(given) : undefined;
  const picked = fields && json !== undefined ? pickFields(json.value, fields) : null;
  const whole = picked ? JSON.stringify(picked.value) : given;
  const part = sliceStart(whole.slice(offset), maxTextLength);
  const notes = [
    ...(picked && picked.missing.length > 0 ? [missingNote(picked.missing, json?.value)] : []),
    ...(fields && json === undefined ? ['The answer is no JSON, so no members were picked.'] : []),
    ...cutNote(tool, { whole, part, offset }),
  ];
  const value = picked ? picked.value : json?.value;
  const isWhole = part.length === whole.length;
  return {
    content: [text(part), ...notes.map(text)],
    ...(isWhole && isObject(value) && isSafe(value) ? { structuredContent: value } : {}),
  };
}

function cutNote(tool: ApiTool, { whole, part, offset }: { whole: string; part: string; offset: number }): string[] {
  const end = offset + part.length;
  if (offset > whole.length) return [`The answer has only ${whole.length} characters. Use a smaller offset.`];
  if (end >= whole.length) return [];
  const { answer } = tool.plan;
  const rest = tool.annotations.readOnlyHint
    ? `For the rest, call again with ${answer}: {"offset": ${end}}; for less, name members in ${answer}.fields.`
    : `Don't call again for the rest, as that would repeat the change. Next time, name members in ${answer}.fields.`;
  return [`This is characters ${offset} to ${end} of ${whole.length}. ${rest}`];
}

const missingNote = (missing: readonly string[], value: unknown): string => {
  const known = memberNames(value);
  return `Not in the answer: ${missing.slice(0, 20).join(', ')}.${known.length > 0 ? ` Its members are ${known.join(', ')}.` : ''}`;
};

function parse(given: string): { value: unknown } | undefined {
  try {
    return { value: parseExactly(given) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether every program reads a value as the same: numbers that JavaScript would round stay in the text alone. */
const isSafe = (value: object): boolean =>
  fits(value, { depth: 64, parts: 100_000 }) === 'yes' && !hasInfiniteNumber(value) && !hasExactNumber(value);

function hasExactNumber(root: unknown): boolean {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (value instanceof ExactNumber) return true;
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) pending.push(item);
  }
  return false;
}
