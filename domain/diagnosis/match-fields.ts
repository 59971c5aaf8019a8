import { nameSimilarity, overlap, splitText } from '../catalog/tool-similarity.ts';
import { compactJson } from '../json/json.ts';
import { declaredTypes, openSchema } from '../schema/node.ts';

/** A property of a schema. `root` is the schema that its references are resolved in. */
export type Property = { name: string; schema: unknown; root: unknown };

/**
 * The new names of properties that a schema no longer has, old → new, only where there is no doubt: the same schema
 * under one new name, or the only new one of the same type.
 * @param of.fits whether a new property can take the place of an old one, besides
 */
export function matchFields(
  gone: readonly { name: string; before: Property | null }[],
  fresh: readonly Property[],
  of: { fits(name: string, to: Property): boolean },
): Map<string, string> {
  const found = new Map<string, string>();
  const pairs = gone.flatMap(({ name, before }) =>
    fresh
      .filter((to) => of.fits(name, to) && (!before || typesOf(before) === typesOf(to)))
      .map((to) => ({
        name,
        to: to.name,
        isTwin: before !== null && isTwin(before, to),
        isLikely: isLikely(name, before, to),
        similarity: nameSimilarity(name, to.name),
      })),
  );
  const left = (twin: boolean) =>
    pairs.filter(({ name, to, isTwin }) => (!twin || isTwin) && !found.has(name) && ![...found.values()].includes(to));
  const takeOnlyOnes = (candidates: typeof pairs) => {
    for (const pair of candidates) {
      const isOnly = !candidates.some((each) => each !== pair && (each.name === pair.name || each.to === pair.to));
      if (isOnly) found.set(pair.name, pair.to);
    }
  };
  takeOnlyOnes(left(true));
  // Of several of the same type, a name that is clearly nearest decides.
  const rest = left(false).filter((pair) => pair.isLikely);
  const nearest = rest.filter(
    (pair) =>
      pair.similarity >= 0.5 &&
      !rest.some(
        (each) =>
          each !== pair && (each.name === pair.name || each.to === pair.to) && each.similarity > pair.similarity - 0.15,
      ),
  );
  takeOnlyOnes(nearest);
  takeOnlyOnes(left(false).filter((pair) => pair.isLikely));
  return found;
}

const typesOf = ({ schema, root }: Property): string => {
  const node = openSchema(schema, root);
  return (node && declaredTypes(node))?.toSorted().join() ?? 'any';
};

const isTwin = (one: Property, other: Property): boolean => {
  const json = compactJson(one.schema);
  return json !== null && json === compactJson(other.schema) && describe(one) !== '';
};

const describe = ({ schema, root }: Property): string => {
  const text = openSchema(schema, root)?.keywords.get('description');
  return typeof text === 'string' ? text : '';
};

/** Two properties that are named and described differently are most likely different things. */
function isLikely(name: string, before: Property | null, to: Property): boolean {
  const [one, two] = [before ? describe(before) : '', describe(to)];
  if (one === '' || two === '' || nameSimilarity(name, to.name) >= 0.4) return true;
  return overlap(splitText(one), splitText(two)) >= 0.2;
}
