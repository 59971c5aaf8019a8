import { randomInt } from 'node:crypto';

const maxLength = 40;
/** First parts of addresses that are, or may become, the product's own. */
const reserved = new Set(['api', 'admin', 'new', 'o', 'p', 'sign-in', 'sign-up', 'settings', 'armature']);

/** `Müller & Söhne GmbH` → `muller-sohne-gmbh`. Names without any Latin letter or digit become `workspace`. */
export function toSlug(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLength)
    .replace(/^-+|-+$/g, '');
  return slug || 'workspace';
}

/** A slug nobody has: the plain one, else with the lowest free number from 2, else (after 50) with a random one. */
export async function findFreeSlug(name: string, taken: (slug: string) => Promise<boolean>): Promise<string> {
  const base = toSlug(name);
  if (!reserved.has(base) && !(await taken(base))) return base;
  for (let number = 2; number <= 50; number++) {
    const slug = `${base}-${number}`;
    if (!(await taken(slug))) return slug;
  }
  return `${base}-${randomInt(100_000, 1_000_000)}`;
}
