import { commonWords } from './common-words.ts';

/** A shorter text is never treated as a secret: masking it would change ordinary results. */
export const minSecretLength = 8;

const tooShort = `has fewer than ${minSecretLength} characters`;

/**
 * Why a text can't be used as a credential, to be continued from "The credential"; null if it can. Such a credential
 * could not be masked in results without changing what they say.
 */
export function describeWeakness(credential: string): string | null {
  const text = credential.trim();
  if (text.length < minSecretLength) return tooShort;
  return commonWords.has(text.toLowerCase()) ? 'is a common word' : null;
}

/**
 * Why a header or query value isn't a secret, to be continued from "It"; null if it is one. Numbers, booleans, common
 * words, media types and short values are configuration, and appear in results for other reasons.
 */
export function describeOrdinary(value: string): string | null {
  const text = value.trim();
  const weakness = describeWeakness(text);
  if (weakness !== null) return weakness;
  if (isNumber(text)) return 'is a number, date or version';
  if (text.split(',').every((part) => mediaType.test(part.trim()))) return 'is a media type';
  return isOfCommonWords(text) ? 'consists of common words' : null;
}

const numbers = [
  /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  // Dates with times, versions and addresses.
  /^\d{4}-\d\d(-\d\d)?([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i,
  /^v?\d{1,5}(\.\d{1,5}){1,3}$/i,
];
const isNumber = (text: string): boolean => numbers.some((pattern) => pattern.test(text));

const mediaType =
  /^(application|audio|font|image|message|model|multipart|text|video|\*)\/[\w.+*-]{1,80}(;[\w\s.="-]{0,80})?$/i;

/** Such as `us-east-1` or `production europe`. */
function isOfCommonWords(text: string): boolean {
  const parts = text.toLowerCase().split(/[\s\-_.,;:/=]+/);
  return (
    parts.some((part) => commonWords.has(part) && /[a-z]{3}/.test(part)) &&
    parts.every((part) => (commonWords.has(part) && !/^\d+$/.test(part)) || /^(\d{1,4}|[a-z]{0,2})$/.test(part))
  );
}
