import { parseDocument, YAMLParseError } from 'yaml';
import { maxDepth, type Refusal } from './document.ts';
import { findDuplicateKey } from './duplicate-key.ts';
import { toValue, YamlRefusal } from './yaml.ts';

export type Parsed = { value: unknown } | { refusal: Refusal };

const refuse = (reason: Refusal['reason'], message: string): Parsed => ({ refusal: { reason, message } });

export const tooDeep = `The file is nested more than ${maxDepth} levels deep. Move inner schemas to components and refer to them.`;

const twice = (key: string): string =>
  `The file has the key “${key.slice(0, 100)}” twice in one object. Remove one of them.`;

/** Reads JSON, or else YAML. Strict: a duplicate key, a bomb of aliases or a syntax error is a refusal. */
export function parseText(text: string): Parsed {
  const plain = text.replace(/^\uFEFF/, '');
  return /^\s*[{[]/.test(plain) ? parseJson(plain) : parseYaml(plain, 'neither JSON nor YAML');
}

function parseJson(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // YAML may be in braces, too.
    const parsed = parseYaml(text, 'no JSON');
    return 'value' in parsed ? parsed : refuse('unreadable', `The file is no JSON: ${firstLine(error)}. Correct it.`);
  }
  const key = findDuplicateKey(text);
  return key === null ? { value } : refuse('duplicate_key', twice(key));
}

function parseYaml(text: string, name: string): Parsed {
  try {
    // Doubles are found by `toValue`: the parser takes quadratic time to find them.
    const document = parseDocument(text, { uniqueKeys: false, keepSourceTokens: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error) return refuse('unreadable', `The file is ${name}: ${firstLine(error)}. Correct it.`);
    return { value: toValue(document.contents) };
  } catch (error) {
    if (error instanceof YamlRefusal)
      return refuse(error.reason, error.reason === 'duplicate_key' ? twice(error.message) : error.message);
    if (error instanceof RangeError) return refuse('too_deep', tooDeep);
    if (error instanceof YAMLParseError || error instanceof TypeError || error instanceof ReferenceError)
      return refuse('unreadable', `The file is ${name}: ${firstLine(error)}. Correct it.`);
    throw error;
  }
}

/** Of an error, without what ends it. */
const firstLine = (error: Error): string => (error.message.split('\n', 1)[0] ?? '').replace(/[.:]$/, '').slice(0, 200);
