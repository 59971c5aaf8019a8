import { cutJson, writePath } from '../json/difference.ts';
import { toEntries } from '../json/json.ts';

export type ResultPath = { path: string; example: string };

const maxDepth = 6;
const maxExample = 60;

/**
 * The paths of the values of a result, as assertions write them, each with its value, cut. Of a list the first item.
 * Names and values are the server's, untrusted.
 */
export function listResultPaths(document: unknown, most: number): ResultPath[] {
  const found: ResultPath[] = [];
  const visit = (value: unknown, keys: string[]): void => {
    if (found.length >= most) return;
    if (Array.isArray(value)) {
      if (value.length > 0 && keys.length < maxDepth) visit(value[0], [...keys, '0']);
      return;
    }
    const entries = toEntries(value);
    if (entries && keys.length < maxDepth) for (const [key, item] of entries) visit(item, [...keys, key]);
    else if (!entries && keys.length > 0) found.push({ path: writePath(keys), example: cutJson(value, maxExample) });
  };
  visit(document, []);
  return found;
}
