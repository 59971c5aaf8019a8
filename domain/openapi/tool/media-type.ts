import type { BodyKind } from './tool.ts';

const form = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+(\s*;[^\r\n]*)?$/i;

/** `type/subtype` in lower case, without parameters. */
export const essence = (mediaType: string): string => (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();

/** Whether it can be the value of a header. */
export const isMediaType = (text: string): boolean => form.test(text) && text.length <= 200;

export const isRange = (mediaType: string): boolean => essence(mediaType).includes('*');

export const isJson = (mediaType: string): boolean =>
  /^(application|text)\/(x-)?json$|^[^/]+\/[^/]+\+json$/.test(essence(mediaType));

const textTypes =
  /^text\/|\/(xml|yaml|x-yaml|graphql|javascript|ecmascript|sql|x-ndjson|ndjson|jsonl|x-jsonlines|json-seq|json-patch|toml|csv|x-sh|x-www-form-urlencoded)$|\+(xml|yaml)$/;

export const isText = (mediaType: string): boolean => isJson(mediaType) || textTypes.test(essence(mediaType));

/** How a body of a media type is built; null for one that isn't supported. */
export function bodyKind(mediaType: string): BodyKind | null {
  const type = essence(mediaType);
  if (isJson(type)) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'multipart/form-data') return 'multipart';
  if (type.startsWith('multipart/')) return null;
  return isText(type) ? 'text' : 'bytes';
}
