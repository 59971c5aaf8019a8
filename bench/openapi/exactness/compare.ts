import { isDeepStrictEqual } from 'node:util';
import {
  type Expected,
  exactly,
  fileBytes,
  isFileGiven,
  type Meaning,
  meantJson,
  readCookies,
  readQuery,
} from './expected.ts';
import { asJson, isJson } from './operation.ts';
import type { Recorded } from './recorder.ts';

const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? 'nothing';

/** What of a recorded request differs from the expected one, or null. */
export async function findDifference(recorded: Recorded, expected: Expected, meaning: Meaning): Promise<string | null> {
  const [path = '', query = ''] = splitUrl(recorded.url);
  const differs = (what: string, is: unknown, should: unknown) =>
    isDeepStrictEqual(is, should) ? null : `${what}: ${show(is)} instead of ${show(should)}`;
  const segments = (text: string) => text.split('/').map((each) => decodeURIComponent(each));
  const names = Object.keys(expected.headers).filter((name) => name !== 'accept' && name !== 'content-type');
  return (
    differs('path', segments(path), segments(expected.path)) ??
    differs('query', sorted(readQuery(query)), sorted(expected.query)) ??
    differs(
      'headers',
      names.map((name) => recorded.headers[name]),
      names.map((name) => expected.headers[name]),
    ) ??
    differs('cookies', readCookies(recorded.headers.cookie ?? ''), expected.cookies) ??
    (await bodyDifference(recorded, expected, meaning))
  );
}

const splitUrl = (url: string): [string, string] => {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
};

/** Pairs of one name stay in order. */
const sorted = (pairs: [string, string][]): [string, string][] =>
  pairs.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));

async function bodyDifference(
  { headers, body }: Recorded,
  expected: Expected,
  meaning: Meaning,
): Promise<string | null> {
  const { mediaType } = meaning;
  if (meaning.body === undefined || mediaType === null)
    return body.length === 0 ? null : 'a body that was not asked for';
  const type = headers['content-type'] ?? '';
  const [kind] = mediaType.toLowerCase().split(';');
  if (kind === 'multipart/form-data') return multipartDifference(body, type, expected.form);
  const chosen = mediaType.includes('*') ? (asJson(meaning.body).media_type ?? 'application/octet-stream') : mediaType;
  if (type !== chosen) return `content type: ${type} instead of ${chosen}`;
  const text = body.toString();
  if (kind === 'application/x-www-form-urlencoded') {
    const [is, should] = [sorted(readQuery(text)), sorted(readQuery(String(expected.body)))];
    if (isDeepStrictEqual(is.map(unquote), should.map(unquote)) && !isDeepStrictEqual(is, should)) return readTwice;
    return isDeepStrictEqual(is, should) ? null : `form: ${show(is)} instead of ${show(should)}`;
  }
  if (/[/+]json$/.test(kind ?? '')) {
    const [is, should] = [exactly(text), meantJson(meaning.body)];
    return isDeepStrictEqual(is, should) ? null : `body: ${show(is)} instead of ${show(should)}`;
  }
  const should = isFileGiven(meaning.body) ? Buffer.from(fileBytes(meaning.body)) : Buffer.from(String(meaning.body));
  return body.equals(should) ? null : `body: ${show(text)} instead of ${show(should.toString())}`;
}

/** The one mistake of swagger-client in forms that depends on values. */
export const readTwice = 'texts in quotes, which swagger-client reads twice where they have no type';
const unquote = ([name, text]: [string, string]): [string, string] => [
  name,
  /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text,
];

async function multipartDifference(body: Buffer, type: string, form: FormData | null): Promise<string | null> {
  if (!/^multipart\/form-data; boundary=/.test(type)) return `content type: ${type}`;
  const read = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const [is, should] = [await toEntries(read), form ? await toEntries(form) : null];
  return isDeepStrictEqual(is, should) ? null : `multipart: ${show(is)} instead of ${show(should)}`;
}

async function toEntries(form: FormData): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  for (const [name, value] of form)
    entries.push([name, normalize(typeof value === 'string' ? value : await value.text())]);
  return sorted(entries);
}

/** JSON of equal meaning is equal. */
function normalize(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) || Array.isArray(value) ? JSON.stringify(value) : text;
  } catch {
    return text;
  }
}
