import { plainSlug, toSlug } from '../../../domain/code/slug.ts';
import type { Tx } from '../index.ts';
import { lockName } from './locks.ts';

export type SluggedNoun = 'workflow' | 'monitor';

/** Serializes the choice of slugs of an organization's workflows or monitors, until the transaction ends. */
export async function lockSlugs(tx: Tx, { orgId, noun }: { orgId: string; noun: SluggedNoun }): Promise<void> {
  await lockName(tx, `slugs/${noun}/${orgId}`);
}

/**
 * Returns what chooses a free slug for each of these names, one after the other. Other transactions that choose wait
 * until this one ends, so it should write the rows next.
 */
export async function slugChooser(
  tx: Tx,
  { orgId, noun, names }: { orgId: string; noun: SluggedNoun; names: readonly string[] },
): Promise<(name: string) => string> {
  await lockSlugs(tx, { orgId, noun });
  // Numbered slugs share the beginning of the name's own.
  const beginnings = [...new Set(names.map((name) => plainSlug(name, noun).slice(0, 50)))];
  const where = { orgId, OR: beginnings.map((startsWith) => ({ slug: { startsWith } })) };
  const found =
    noun === 'workflow'
      ? await tx.workflow.findMany({ where: { ...where, state: { not: 'archived' } }, select: { slug: true } })
      : await tx.monitor.findMany({ where: { ...where, archivedAt: null }, select: { slug: true } });
  const taken = new Set(found.map(({ slug }) => slug));
  return (name) => {
    const slug = toSlug(name, { isTaken: (candidate) => taken.has(candidate), fallback: noun });
    taken.add(slug);
    return slug;
  };
}
