import { untrustedNote } from '../../domain/error/error.ts';
import { isSchema, listAlternatives, type Schema, toMapValue } from '../input/json-schema.ts';

type Answer = { [field: string]: unknown };
type Place = {
  path: string;
  /** What the value may be; null where no schema describes it. */
  schemas: readonly Schema[] | null;
};

/**
 * Adds `_untrusted`, which names the fields that servers, models or people may have written: everything that neither
 * its schema nor its name shows to be Armature's own. Left out when there is nothing to name.
 * @param options.schema of the answer; null: only names and values tell
 * @param options.whole paths that are named as a whole, with all that is in them
 */
export function markUntrusted(
  answer: Answer,
  { schema, whole }: { schema: Schema | null; whole: readonly string[] },
): Answer {
  const found = new Set<string>();
  const known = new Set(whole);
  visit(answer, { path: '', schemas: schema && [schema] });
  return found.size === 0 ? answer : { ...answer, _untrusted: { note: untrustedNote, fields: [...found] } };

  function visit(value: unknown, { path, schemas }: Place): void {
    if (found.has(path)) return;
    if (known.has(path) || schemas?.length === 0 || schemas?.some((each) => toMapValue(each) !== null)) {
      if (hasText(value)) found.add(path);
    } else if (typeof value === 'string') {
      if (value !== '' && !isOwn(value, { path, schemas })) found.add(path);
    } else if (Array.isArray(value)) {
      const items = schemas?.flatMap((each) => expand(each.items)) ?? null;
      for (const item of value) visit(item, { path: `${path}[]`, schemas: items });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        const members = schemas?.flatMap(({ properties }) => expand(properties?.[name])) ?? null;
        // A member that no schema knows may have a name of others: what it is in is named.
        const isKnown = schemas === null || schemas.some(({ properties }) => Object.hasOwn(properties ?? {}, name));
        visit(member, { path: isKnown || path === '' ? join(path, name) : path, schemas: members });
      }
    }
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function expand(schema: unknown): Schema[] {
  if (!isSchema(schema)) return [];
  const alternatives = listAlternatives(schema);
  if (alternatives.length > 0) return alternatives.flatMap(expand);
  // Without keywords anything may stand here.
  return schema.type === undefined && schema.enum === undefined && schema.const === undefined ? [] : [schema];
}

/** Members whose text Armature makes or has checked, although their schema is only text. */
const ownNames: ReadonlySet<string> = new Set([
  'id',
  'callId',
  'eventId',
  'baselineCall',
  'candidateCall',
  'evidence[]',
  'code',
  'kind',
  'status',
  'state',
  'transport',
  'nextCursor',
  'schedule',
  'scheduleLabel',
  'timezone',
]);
const ownFormats: ReadonlySet<unknown> = new Set(['uuid', 'date-time', 'date']);
const ownValue = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z)$/;

function isOwn(value: string, { path, schemas }: Place): boolean {
  if (ownNames.has(path.slice(path.lastIndexOf('.') + 1))) return true;
  if (schemas === null) return ownValue.test(value);
  const texts = schemas.filter(({ type }) => [type ?? 'string'].flat().includes('string'));
  return texts.every(
    (schema) => schema.enum !== undefined || schema.const !== undefined || ownFormats.has(schema.format),
  );
}

/** Names of members are text too. */
const hasText = (value: unknown): boolean =>
  typeof value === 'string'
    ? value !== ''
    : typeof value === 'object' &&
      value !== null &&
      (Array.isArray(value) ? value.some(hasText) : Object.keys(value).length > 0);
