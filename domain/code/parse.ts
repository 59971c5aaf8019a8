import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  parseDocument,
} from 'yaml';
import type { z } from 'zod';
import { nearestName } from '../catalog/tool-similarity.ts';
import { describeIssue } from '../error/input-errors.ts';
import { toEntries } from '../json/json.ts';
import { type Place, readEnvironment } from './environment.ts';
import { type CodeFile, codeFile, codeJsonSchema } from './schema.ts';

/** A problem of a file. Line and column count from 1. */
export type Problem = { path: string; line: number; column: number; message: string };

export type ParsedFile =
  | { ok: true; path: string; text: string; file: CodeFile; document: Document.Parsed; locate: Locate }
  | { ok: false; problems: Problem[] };
/** The position of a value in the file, or of its key; of what is around it where it is missing. */
export type Locate = (place: Place, isKey?: boolean) => { line: number; column: number };

const maxLength = 1024 * 1024;
/** Of YAML's own tokens: about 60 levels of lists and mappings. Deeper ones could exhaust the memory. */
const maxStack = 128;
const maxAliases = 100;
const maxProblems = 100;

type Options = {
  /** Named in problems. */
  path: string;
  env: { readonly [name: string]: string | undefined };
  /** `ignore`: model providers, headers and credentials are not read, so their variables need not be set. */
  credentials: 'read' | 'ignore';
};

/**
 * Reads a file of workflows, strictly: every unknown member, duplicate key and wrong value is a problem with its
 * position. It never throws, whatever the text.
 */
export function parseFile(text: string, { path, env, credentials }: Options): ParsedFile {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refuse = (message: string, position = { line: 1, column: 1 }): ParsedFile => ({
    ok: false,
    problems: [{ path, ...position, message }],
  });
  if (text.length > maxLength)
    return refuse(`A file has at most ${maxLength.toLocaleString('en')} characters. Split it.`);
  if (isTooDeep(text)) return refuse('The file is nested too deeply.');
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, version: '1.2' });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0)
    return {
      ok: false,
      problems: broken.slice(0, maxProblems).map(({ message, code, pos }) => ({
        path,
        ...at(pos[0]),
        message: yamlMessages[code] ?? message,
      })),
    };
  const locate: Locate = (place, isKey = false) => at(findOffset(document, place, isKey));
  const content = toValue(document);
  if (content === null)
    return refuse(`The file has too many aliases: at most ${maxAliases} values may come from them.`);
  if (toEntries(content.value) === null) return refuse('The file is empty or a list. It must begin with version: 1.');
  const read = readEnvironment(credentials === 'read' ? content.value : withoutCredentials(content.value), env);
  const parsed = codeFile.safeParse(read.value, { error: describeIssue });
  const found: Found[] = [...read.problems, ...(parsed.error ? listIssues(parsed.error.issues) : [])];
  if (parsed.success && found.length === 0) return { ok: true, path, text, file: parsed.data, document, locate };
  const problems = found.map(({ place, isKey, message }) => ({ path, ...locate(place, isKey), message }));
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, problems: problems.slice(0, maxProblems) };
}

const yamlMessages: { [code: string]: string } = {
  DUPLICATE_KEY: 'This key is there already. Remove one of the two.',
  MULTIPLE_DOCS: 'A file has one YAML document. Put what follows --- into a file of its own.',
  NON_STRING_KEY: 'A key must be text.',
  TAG_RESOLVE_FAILED: 'YAML tags (!…) are not supported. Remove it.',
};

/** Found by the tokens alone, since YAML's composer calls itself for each level. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const token of new Lexer().lex(text)) {
    for (const _ of parser.next(token)) if (parser.stack.length > maxStack) return true;
    if (parser.stack.length > maxStack) return true;
  }
  return false;
}

/** Null for more aliases than allowed. */
function toValue(document: Document.Parsed): { value: unknown } | null {
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) };
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

function withoutCredentials(root: unknown): unknown {
  const { models: _, server, ...rest } = Object(root);
  if (toEntries(server) === null) return server === undefined ? rest : { ...rest, server };
  const { headers: _headers, auth: _auth, ...named } = server;
  return { ...rest, server: named };
}

/** The offset in the text of the innermost node that is there of a place. */
function findOffset(document: Document.Parsed, place: Place, isKey: boolean): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of place.entries()) {
    const inner = isAlias(node) ? node.resolve(document) : node;
    if (isMap(inner)) {
      const pair = inner.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === String(part));
      if (!pair) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      if (isKey && index === place.length - 1) return offset;
      node = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(inner)) {
      const item: unknown = typeof part === 'number' ? inner.items[part] : undefined;
      if (!isNode(item)) return offset;
      node = item;
    } else return offset;
    if (node?.range && !(isScalar(node) && node.value === null)) offset = node.range[0];
  }
  return offset;
}

type Found = { place: Place; isKey?: boolean; message: string };

/** zod's issues, with one for each unknown member, and those of the one branch of a union that fits. */
function listIssues(issues: readonly z.core.$ZodIssue[], around: Place = []): Found[] {
  return issues.flatMap((issue): Found[] => {
    const place = [...around, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ place: [...place, key], isKey: true, message: describeUnknown(key, place) }));
    if (issue.code === 'invalid_union') {
      const fitting = issue.errors.filter(
        (branch) => !branch.some((each) => each.path.length === 0 && each.code === 'invalid_type'),
      );
      const [branch] = fitting;
      if (branch && fitting.length === 1) return listIssues(branch, place);
    }
    return [{ place, message: issue.message }];
  });
}

function describeUnknown(key: string, place: Place): string {
  const names = listMembers(codeJsonSchema(), place);
  const nearest = nearestName(key, names);
  return `Unknown member "${key.slice(0, 100)}". ${nearest === null ? `Known here: ${names.join(', ')}.` : `Did you mean ${nearest}?`}`;
}

/** Names of the members that the schema has at a place. */
function listMembers(schema: unknown, place: Place): string[] {
  const node = toEntries(schema);
  if (!node) return [];
  const branches = node.get('anyOf');
  if (Array.isArray(branches)) return [...new Set(branches.flatMap((branch) => listMembers(branch, place)))];
  const [part, ...rest] = place;
  const properties = toEntries(node.get('properties'));
  if (part === undefined) return [...(properties?.keys() ?? [])];
  return typeof part === 'number' ? listMembers(node.get('items'), rest) : listMembers(properties?.get(part), rest);
}
