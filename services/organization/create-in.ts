import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { isReservedSlug, maxSlugLength, slugForm, toSlug } from '../../domain/values/slug.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import { fieldError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';

export const organizationNameInput = z.string().trim().min(1, 'Name the workspace.').max(100);

/** Empty or left out: made from the name. */
export const slugInput = z
  .string()
  .trim()
  .max(maxSlugLength, `An address has at most ${maxSlugLength} characters.`)
  .refine(
    (slug) => slug === '' || slugForm.test(slug),
    'Use lower-case letters, digits, and single hyphens between them.',
  )
  .default('');

/**
 * Creates an organization with its owner. Not a use case.
 * @throws ArmatureError `slug_taken`
 */
export async function createOrganizationIn(
  tx: Tx,
  { name, slug: given, ownerId }: { name: string; slug: string; ownerId: string },
): Promise<{ orgId: string; slug: string }> {
  await lockName(tx, 'slugs');
  const isFree = async (slug: string) =>
    !isReservedSlug(slug) && !(await tx.organization.findUnique({ where: { slug }, select: { id: true } }));
  if (given !== '' && !(await isFree(given)))
    throw fieldError(
      'slug_taken',
      'slug',
      `Another workspace has the address "${given}".`,
      `Choose another one, such as ${await findFreeSlug(given, isFree)}.`,
    );
  const slug = given || (await findFreeSlug(toSlug(name), isFree));
  const orgId = newId();
  await tx.organization.create({ data: { id: orgId, slug, name } });
  await tx.member.create({ data: { orgId, userId: ownerId, role: 'owner' } });
  return { orgId, slug };
}

/** The plain one, or with the lowest free number from 2 to 50, or with a random number. */
async function findFreeSlug(base: string, isFree: (slug: string) => Promise<boolean>): Promise<string> {
  if (await isFree(base)) return base;
  for (let number = 2; number <= 50; number++) {
    const slug = withNumber(base, number);
    if (await isFree(slug)) return slug;
  }
  return withNumber(base, randomInt(100_000, 1_000_000));
}

/** The end of a long name makes room for the number. */
function withNumber(base: string, number: number): string {
  const end = `-${number}`;
  return `${base.slice(0, maxSlugLength - end.length).replace(/-+$/, '')}${end}`;
}
