import { specTypeSchemas } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Quote } from './quote.ts';
import { nameType } from './transport/message.ts';

/** An issue of zod, as far as it explains something. */
const Issue = z.looseObject({
  code: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  get errors() {
    return z.array(z.array(Issue)).optional();
  },
});
type Issue = z.infer<typeof Issue>;

const requiredMembers: ReadonlySet<string> = new Set([
  'protocolVersion',
  'capabilities',
  'serverInfo',
  'name',
  'version',
  'type',
  'text',
  'data',
  'mimeType',
  'uri',
  'resource',
]);
const blockTypes = ['text', 'image', 'audio', 'resource', 'resource_link'];

/**
 * What is wrong with which member of a result. @param message of the SDK, which ends with zod's issues as JSON
 * @param result what the server sent
 */
export function explainResult(message: string, result: unknown, quote: Quote): string {
  const text = message.replace(/^Invalid result for [^:]+: /, '');
  const issues = readIssues(text) ?? validate(result);
  const [first] = issues ?? [];
  return first ? explain(first, result, quote) : quote(text, 300);
}

function readIssues(text: string): Issue[] | null {
  try {
    return z.array(Issue).safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The SDK describes some issues in words only; a second look at the result finds them. */
function validate(result: unknown): Issue[] | null {
  const checked = specTypeSchemas.CallToolResult['~standard'].validate(result);
  return 'issues' in checked ? (z.array(Issue).safeParse(checked.issues).data ?? null) : null;
}

function explain(issue: Issue, result: unknown, quote: Quote): string {
  const value = valueAt(result, issue.path);
  if (issue.code === 'invalid_union' && issue.errors) {
    const type = valueAt(value, ['type']);
    const isBlock = issue.path.at(-2) === 'content';
    if (isBlock && typeof type === 'number')
      return `${place(issue.path)}: its type is a number, and must be one of ${blockTypes.join(', ')}`;
    if (isBlock && typeof type === 'string' && !blockTypes.includes(type))
      return `${place(issue.path)}: its type is "${quote(type, 40)}", and must be one of ${blockTypes.join(', ')}`;
    const branch = chooseBranch(issue.errors);
    const [inner, other] = branch ?? [];
    if (isBlock && (typeof value !== 'object' || value === null))
      return `${place(issue.path)} is ${nameType(value)}, and must be an object`;
    // A resource's contents are a text or a blob.
    if (!isBlock && inner && other === undefined && issue.errors.every((each) => each.length === 1)) {
      const names = issue.errors.map(([only]) => only?.path.join('.')).filter((name) => name);
      if (names.length > 1 && new Set(names).size === names.length)
        return `${place(issue.path)} has none of ${names.join(', ')}`;
    }
    if (inner) return explain({ ...inner, path: [...issue.path, ...inner.path] }, result, quote);
  }
  if (issue.code === 'unrecognized_keys') return `${place(issue.path)}: ${quote(issue.message, 200)}`;
  const where = place(issue.path);
  if (value === null)
    return requiredMembers.has(String(issue.path.at(-1)))
      ? `${where} is null, and must have a value`
      : `${where} is null; leave it out or give it a value`;
  if (value === undefined && issue.path.length > 0) return `${where} is missing`;
  const problem = issue.message
    .replace(/^Invalid input: /, '')
    .replace(/, received .*$/s, '')
    .replace('record', 'object');
  return `${where} is ${nameType(value)} (${quote(problem, 120)})`;
}

/** The branch for the block's own type; else that with the fewest issues. */
function chooseBranch(branches: Issue[][]): Issue[] | undefined {
  const ofType = branches.find((issues) => !issues.some(({ path }) => path[0] === 'type'));
  return ofType ?? branches.toSorted((a, b) => a.length - b.length)[0];
}

/** "content block 2: annotations", "capabilities.tools" */
function place(path: Issue['path']): string {
  const [first, second, ...rest] = path;
  if (first === 'content' && typeof second === 'number') {
    const block = `content block ${second + 1}`;
    return rest.length > 0 ? `${block}: ${rest.join('.')}` : block;
  }
  return path.join('.') || 'the result';
}

function valueAt(value: unknown, path: Issue['path']): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([name]) => name === String(key))?.[1];
  }
  return current;
}
