import { sameJson } from '../json/json.ts';
import { boundChanges, boundKeywords } from './bounds.ts';
import { type FieldChange, type FieldChangeKind, noteKinds } from './field-change.ts';
import { describeTypes, pathWith, propertyPath, propertySummary, shortValue } from './labels.ts';
import {
  allowedValues,
  declaredTypes,
  getItems,
  hasReferences,
  isOpen,
  members,
  openSchema,
  type Relation,
  relation,
  requiredNames,
  type SchemaNode,
  schemaMap,
  typeSet,
  valuesRelation,
} from './node.ts';

/** Callers write inputs, so allowing less breaks them; they read outputs, so allowing more breaks them. */
export type Direction = 'input' | 'output';

const maxDepth = 64;
const maxComparisons = 20_000;
const maxChanges = 200;

const noteKeywords = new Set(
  '$schema $id $anchor $comment $vocabulary examples example deprecated readOnly writeOnly contentMediaType contentEncoding'.split(
    ' ',
  ),
);
const handledKeywords = new Set([
  ...boundKeywords,
  ...'type enum const properties required additionalProperties patternProperties items prefixItems'.split(' '),
  ...'anyOf oneOf allOf $defs definitions title description default'.split(' '),
]);

/**
 * Lists the changes between two JSON Schemas, sorted by path. The order of keys, properties and sets doesn't count.
 * Changes that aren't provably safe are breaking. Limits on depth, comparisons and changes end in `not_compared`.
 */
export function diffSchema(before: unknown, after: unknown, direction: Direction): FieldChange[] {
  if (sameJson(before, after)) return [];
  const comparison = createComparison(before, after, direction);
  const changes = comparison.run().sort(byPlace);
  const complete = !comparison.exhausted() && changes.length <= maxChanges;
  return complete ? changes : [...changes.slice(0, maxChanges), { path: '', change: 'not_compared', breaking: true }];
}

/** Each name once, sorted: the result must not depend on the order of keys. */
const sorted = (...names: Iterable<string>[]) => [...new Set(names.flatMap((each) => [...each]))].sort();

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byPlace = (a: FieldChange, b: FieldChange) =>
  order(a.path, b.path) || order(a.change, b.change) || order(a.keyword ?? '', b.keyword ?? '');

/**
 * Position of a comparison. `unprovable`: inside a `oneOf`, where even allowing more can exclude something. `probing`:
 * only whether there is a change matters.
 */
type Place = { path: string; depth: number; unprovable: boolean; probing: boolean };
type Changes = Generator<FieldChange, void, void>;

function createComparison(oldRoot: unknown, newRoot: unknown, direction: Direction) {
  let left = maxComparisons;
  const equalMeansSame = !hasReferences(oldRoot) && !hasReferences(newRoot);
  // Schemas that refer to each other have exponentially many paths. So a pair of referenced schemas is reported only
  // where it is met first, and probed once.
  const reported = { provable: createPairs<true>(), unprovable: createPairs<true>() };
  const probed = createPairs<boolean>();

  const breaks = (how: Relation) => how === 'changed' || how === (direction === 'input' ? 'narrowed' : 'widened');
  const below = (place: Place, path: string): Place => ({ ...place, path, depth: place.depth + 1 });
  const made = (place: Place, change: FieldChangeKind, more: Omit<FieldChange, 'path' | 'change'>): FieldChange => {
    const { before, after, breaking, ...rest } = more;
    return {
      path: place.path,
      change,
      ...rest,
      ...(before === undefined ? {} : { before: shortValue(before) }),
      ...(after === undefined ? {} : { after: shortValue(after) }),
      breaking: breaking || (place.unprovable && !noteKinds.has(change)),
    };
  };

  function* compare(before: unknown, after: unknown, place: Place): Changes {
    if (left <= 0 || (equalMeansSame && sameJson(before, after))) return;
    left--;
    if (place.depth > maxDepth) {
      if (!equalMeansSame || !sameJson(before, after)) yield made(place, 'not_compared', { breaking: true });
      return;
    }
    const one = openSchema(before, oldRoot);
    const two = openSchema(after, newRoot);
    if (!one || !two) {
      if (!sameJson(before, after)) yield made(place, 'changed', { before, after, breaking: true });
      return;
    }
    const { ref: oldRef } = one;
    const { ref: newRef } = two;
    if (oldRef && newRef) yield* compareReferenced(one, two, [oldRef, newRef], place);
    else yield* compareNodes(one, two, place);
  }

  function* compareReferenced(before: SchemaNode, after: SchemaNode, pair: [object, object], place: Place): Changes {
    if (!place.probing) {
      const met = place.unprovable ? reported.unprovable : reported.provable;
      if (met.get(pair)) return;
      met.set(pair, true);
      return yield* compareNodes(before, after, place);
    }
    if (probed.get(pair) === undefined) {
      probed.set(pair, false);
      probed.set(
        pair,
        [...compareNodes(before, after, place)].some(({ change }) => !noteKinds.has(change)),
      );
    }
    if (probed.get(pair)) yield made(place, 'changed', { breaking: true });
  }

  function* compareNodes(before: SchemaNode, after: SchemaNode, place: Place): Changes {
    yield* compareNotes(before, after, place);
    const became = becameAlternative(before, after, place);
    if (became) return yield* alternatives(became.how, 'anyOf', became.counts, place);
    const [one, two] = [declaredTypes(before), declaredTypes(after)];
    const [old, now] = [typeSet(one), typeSet(two)];
    const how = relation(
      [...old].every((type) => now.has(type)),
      [...now].every((type) => old.has(type)),
    );
    if (how !== 'same')
      yield made(place, 'type_changed', {
        before: describeTypes(one),
        after: describeTypes(two),
        breaking: breaks(how),
      });
    // Without a common type, the rest would only list the keywords of both.
    if (![...old].some((type) => now.has(type)) && how !== 'same') return;

    yield* compareValues(before, after, place);
    for (const { keyword, how: bound, ...values } of boundChanges(before, after))
      yield made(place, `constraint_${bound}`, { keyword, ...values, breaking: breaks(bound) });
    yield* compareProperties(before, after, place);
    yield* compareItems(before, after, place);
    for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) yield* compareMembers(keyword, before, after, place);
    yield* compareRest(before, after, place);
  }

  function* compareNotes(before: SchemaNode, after: SchemaNode, place: Place): Changes {
    for (const keyword of ['title', 'description', 'default'] as const) {
      const [one, two] = [before.keywords.get(keyword), after.keywords.get(keyword)];
      if (!sameJson(one, two)) yield made(place, `${keyword}_changed`, { before: one, after: two, breaking: false });
    }
  }

  function* compareValues(before: SchemaNode, after: SchemaNode, place: Place): Changes {
    const [one, two] = [allowedValues(before), allowedValues(after)];
    const how = valuesRelation(one, two);
    if (how === 'same') return;
    yield made(place, `enum_${how}`, { before: one ?? undefined, after: two ?? undefined, breaking: breaks(how) });
  }

  function* compareProperties(before: SchemaNode, after: SchemaNode, place: Place): Changes {
    const [one, two] = [schemaMap(before, 'properties'), schemaMap(after, 'properties')];
    const [needed, needs] = [requiredNames(before), requiredNames(after)];
    for (const name of sorted(one.keys(), needed, two.keys(), needs)) {
      const at = below(place, propertyPath(place.path, name));
      const was = one.has(name) || needed.has(name);
      const is = two.has(name) || needs.has(name);
      if (!is)
        yield made(at, 'removed', {
          before: propertySummary(one.get(name), oldRoot, needed.has(name)),
          breaking: true,
        });
      else if (!was)
        yield made(at, 'added', {
          after: propertySummary(two.get(name), newRoot, needs.has(name)),
          breaking: direction === 'input' && needs.has(name),
        });
      else {
        if (!needed.has(name) && needs.has(name)) yield made(at, 'now_required', { breaking: direction === 'input' });
        if (needed.has(name) && !needs.has(name)) yield made(at, 'now_optional', { breaking: direction === 'output' });
        yield* compare(one.get(name), two.get(name), at);
      }
    }
    yield* compareAdditional(
      before.keywords.get('additionalProperties'),
      after.keywords.get('additionalProperties'),
      place,
    );
    const [patterns, patternsNow] = [schemaMap(before, 'patternProperties'), schemaMap(after, 'patternProperties')];
    for (const pattern of sorted(patterns.keys(), patternsNow.keys()))
      yield* compare(
        patterns.get(pattern),
        patternsNow.get(pattern),
        below(place, propertyPath(place.path, `/${pattern}/`)),
      );
  }

  /** More properties in an output don't break readers, which ignore what they don't know. */
  function* compareAdditional(one: unknown, two: unknown, place: Place): Changes {
    if (isOpen(one) && isOpen(two)) return;
    if (one !== false && two === false)
      yield made(place, 'additional_properties_closed', { breaking: direction === 'input' });
    else if (one === false && two !== false) yield made(place, 'additional_properties_opened', { breaking: false });
    else yield* compare(one, two, below(place, pathWith(place.path, '.*')));
  }

  function* compareItems(before: SchemaNode, after: SchemaNode, place: Place): Changes {
    const [one, two] = [getItems(before), getItems(after)];
    if (one.tuple.length !== two.tuple.length)
      yield made(place, 'changed', {
        keyword: 'prefixItems',
        before: one.tuple.length,
        after: two.tuple.length,
        breaking: true,
      });
    else
      for (const [index, item] of one.tuple.entries())
        yield* compare(item, two.tuple[index], below(place, pathWith(place.path, `[${index}]`)));
    if (one.rest !== undefined || two.rest !== undefined)
      yield* compare(one.rest, two.rest, below(place, pathWith(place.path, '[]')));
  }

  function* compareMembers(
    keyword: 'anyOf' | 'oneOf' | 'allOf',
    before: SchemaNode,
    after: SchemaNode,
    place: Place,
  ): Changes {
    const [one, two] = [members(before, keyword), members(after, keyword)];
    if (!one && !two) return;
    const counts = { before: one?.length ?? 0, after: two?.length ?? 0 };
    if (!one || !two) return yield* alternatives('changed', keyword, counts, place);
    const how = membersRelation(one, two, place);
    if (one.length !== two.length)
      return yield* alternatives(keyword === 'anyOf' ? how : 'changed', keyword, counts, place);
    const inOrder = [...compareInOrder(one, two, keyword, place)];
    // If each has an equal elsewhere, only their order differs.
    if (how !== 'same' || inOrder.every(({ change }) => noteKinds.has(change))) yield* inOrder;
  }

  function* compareInOrder(one: unknown[], two: unknown[], keyword: string, place: Place): Changes {
    for (const [index, member] of one.entries()) {
      const at = below(place, pathWith(place.path, `(${keyword} ${index + 1})`));
      yield* compare(member, two[index], { ...at, unprovable: place.unprovable || keyword === 'oneOf' });
    }
  }

  function* alternatives(
    how: Relation,
    keyword: string,
    counts: { before: number; after: number },
    place: Place,
  ): Changes {
    if (how !== 'same') yield made(place, `alternatives_${how}`, { keyword, ...counts, breaking: breaks(how) });
  }

  /** A schema that became one of several (`string` → `string` or `null`), or the other way round. */
  function becameAlternative(before: SchemaNode, after: SchemaNode, place: Place) {
    if (before.keywords.has('anyOf') === after.keywords.has('anyOf')) return null;
    const [one, two] = [asAlternatives(before), asAlternatives(after)];
    const how = one && two ? membersRelation(one, two, place) : 'changed';
    return one && two && how !== 'changed' ? { how, counts: { before: one.length, after: two.length } } : null;
  }

  /** Null when the node has more keywords than `anyOf`. */
  function asAlternatives(node: SchemaNode): unknown[] | null {
    const rest = [...node.keywords].filter(
      ([keyword]) => !noteKeywords.has(keyword) && !/^(title|description|default|\$defs|definitions)$/.test(keyword),
    );
    if (!node.keywords.has('anyOf')) return [Object.fromEntries(rest)];
    return rest.length === 1 ? members(node, 'anyOf') : null;
  }

  function membersRelation(one: unknown[], two: unknown[], place: Place): Relation {
    const alike = (old: unknown, now: unknown) =>
      [...compare(old, now, { ...below(place, place.path), probing: true })].every(({ change }) =>
        noteKinds.has(change),
      );
    return relation(
      one.every((old) => two.some((now) => alike(old, now))),
      two.every((now) => one.some((old) => alike(old, now))),
    );
  }

  function* compareRest(before: SchemaNode, after: SchemaNode, place: Place): Changes {
    for (const keyword of sorted(before.keywords.keys(), after.keywords.keys())) {
      if (handledKeywords.has(keyword)) continue;
      const [one, two] = [before.keywords.get(keyword), after.keywords.get(keyword)];
      if (sameJson(one, two)) continue;
      const note = noteKeywords.has(keyword) || keyword.startsWith('x-');
      yield made(place, note ? 'annotation_changed' : 'changed', { keyword, before: one, after: two, breaking: !note });
    }
  }

  return {
    run: () => [...compare(oldRoot, newRoot, { path: '', depth: 0, unprovable: false, probing: false })],
    exhausted: () => left <= 0,
  };
}

/** Values by a pair of objects. */
function createPairs<T>() {
  const map = new Map<object, Map<object, T>>();
  return {
    get: ([one, two]: [object, object]) => map.get(one)?.get(two),
    set: ([one, two]: [object, object], value: T) => {
      const row = map.get(one) ?? new Map<object, T>();
      map.set(one, row.set(two, value));
    },
  };
}
