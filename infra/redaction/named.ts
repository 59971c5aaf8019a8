import { masked } from './mask.ts';

const names = 'password|passwd|passphrase|secret|token|api[_-]?key|authorization|cookie|credential|private[_-]?key';
/** What describes a credential instead of being one, such as `token_type` and `authorization_uri`. */
const described = '(?![\\w-]{0,20}(?:type|ur[il]|endpoint|servers?|method|name|expir|limit|count|scopes?))';
const plainValue = '(?!(?:-?\\d+(?:\\.\\d+)?|true|false|null)\\b)';
/** Has a digit or sign in it, unlike a word of the sentence. */
const unlikeWord = '(?=[A-Za-z]*[^A-Za-z\\s"\'&,;\\\\][^\\s"\'&,;\\\\]|[A-Za-z]{24})';

const patterns = [
  // `Bearer abc.def`
  new RegExp(`(\\b(?:bearer|basic)\\s+)${unlikeWord}[^\\s"'&,;\\\\]+`, 'gi'),
  // `Cookie: a=b; c=d`
  /(\b(?:set-)?cookie:\s*)[^\r\n"'\\]+/gi,
  // `"password":"abc"`, also within JSON text
  new RegExp(
    `((?:${names})${described}[\\w-]{0,20}\\\\{0,4}["']?\\s{0,8}[=:]\\s{0,8}\\\\{0,4}["'])[^"'\\\\\\r\\n]+`,
    'gi',
  ),
  // `password=abc`
  new RegExp(`((?:${names})${described}[\\w-]{0,20}=)${plainValue}[^\\s"'&,;\\\\]+`, 'gi'),
  // `X-Api-Key: abc1`
  new RegExp(`((?:${names})${described}[\\w-]{0,20}:\\s{0,8})${plainValue}${unlikeWord}[^\\s"'&,;\\\\]+`, 'gi'),
];

/** Masks values after credential-like names, as in headers, URLs and logs. */
export function maskNamed(text: string): string {
  return patterns.reduce((rest, pattern) => rest.replace(pattern, (_, name: string) => `${name}${masked}`), text);
}
