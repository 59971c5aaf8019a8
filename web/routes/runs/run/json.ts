import { mayRoundNumbers } from '../../../../domain/json/exact.ts';
import type { Json } from '../../../ui/data/json-tree.tsx';

/** For what came out of JSON, which nothing but its type has forgotten. */
export const isJson = (value: unknown): value is Json =>
  value === null || ['object', 'string', 'number', 'boolean'].includes(typeof value);

/** The value of a text that is a JSON object or list, as models and tools write them; else the text. */
export function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || mayRoundNumbers(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
