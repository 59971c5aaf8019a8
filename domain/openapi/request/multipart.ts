import { shortHash } from '../schema/hash.ts';
import { isMediaType, isRange } from '../tool/media-type.ts';
import type { BodyPlan } from '../tool/tool.ts';
import { ToolInputError } from './arguments.ts';
import { isOneOf, readContent, type WrittenBody } from './bytes.ts';
import { fieldPairs, fieldPlan, isStyled, membersOf } from './fields.ts';
import { isObject, toText } from './style.ts';

type Part = { name: string; filename: string | null; contentType: string | null; bytes: Uint8Array };

const utf8 = new TextEncoder();

/** `multipart/form-data`: a part for each field, and for each item of a list. */
export function writeMultipart(plan: BodyPlan, value: unknown): WrittenBody {
  const parts = membersOf(value).flatMap(([name, member]) => {
    const field = fieldPlan(plan.fields, name);
    if (isStyled(field)) return fieldPairs(name, field, member, (text) => text).map(toTextPart);
    const declared = field.contentType ?? null;
    const items = Array.isArray(member) && !(declared && isJsonPart(declared)) ? member : [member];
    return items.map((item) => toPart(name, item, declared));
  });
  const boundary = freeBoundary(parts);
  const chunks = parts.flatMap((part) => [
    utf8.encode(`--${boundary}\r\n${partHead(part)}\r\n`),
    part.bytes,
    utf8.encode('\r\n'),
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    content: concatenate([...chunks, utf8.encode(`--${boundary}--\r\n`)]),
  };
}

const toTextPart = ([name, text]: [string, string]): Part => ({
  name,
  bytes: utf8.encode(text),
  filename: null,
  contentType: null,
});

const isJsonPart = (declared: string): boolean => isOneOf('application/json', declared) && !isRange(declared);

/** A file has `base64` or `text` and nothing that files don't have. */
const fileMembers = new Set(['base64', 'text', 'filename', 'media_type']);
const isFileGiven = (value: unknown): boolean =>
  isObject(value) && ('base64' in value || 'text' in value) && Object.keys(value).every((key) => fileMembers.has(key));

function toPart(name: string, value: unknown, declared: string | null): Part {
  if (isFileGiven(value)) {
    const { bytes, filename, mediaType } = readContent(`body.${name}`, value);
    return { name, bytes, filename: filename ?? name, contentType: chooseType(name, mediaType, declared) };
  }
  const isJson = typeof value === 'object' && value !== null;
  const first = declared === null ? null : (declared.split(',')[0]?.trim() ?? null);
  const own = first !== null && isMediaType(first) && !isRange(first) ? first : null;
  return {
    name,
    bytes: utf8.encode(toText(value)),
    filename: null,
    contentType: own ?? (isJson ? 'application/json' : null),
  };
}

function chooseType(name: string, given: string | null, declared: string | null): string {
  const known = (declared ?? '').split(',').map((each) => each.trim());
  const type = given ?? known.find((each) => isMediaType(each) && !isRange(each)) ?? 'application/octet-stream';
  if (!isMediaType(type) || isRange(type) || (declared !== null && given !== null && !isOneOf(given, declared)))
    throw new ToolInputError(
      `body.${name}.media_type`,
      declared === null
        ? 'This is no media type. Write one such as image/png.'
        : `The media type must be one of ${declared}.`,
    );
  return type;
}

const quote = (text: string): string =>
  text.replace(/["\r\n]/g, (char) => (char === '"' ? '%22' : char === '\r' ? '%0D' : '%0A'));

function partHead({ name, filename, contentType }: Part): string {
  const file = filename === null ? '' : `; filename="${quote(filename)}"`;
  const type = contentType === null ? '' : `Content-Type: ${contentType}\r\n`;
  return `Content-Disposition: form-data; name="${quote(name)}"${file}\r\n${type}`;
}

/** A boundary that no part contains: the same for the same parts. */
function freeBoundary(parts: readonly Part[]): string {
  const decoder = new TextDecoder('latin1');
  const texts = parts.map(({ bytes }) => decoder.decode(bytes));
  for (let round = 0; ; round++) {
    const boundary = `part-${shortHash(`${round}`)}${shortHash(texts.map((text) => text.slice(0, 1000)).join('\n') + round)}`;
    if (!texts.some((text) => text.includes(boundary))) return boundary;
  }
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of chunks) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}
