import { randomInt } from 'node:crypto';

const maxLength = 40;
/** First parts of paths that the product uses or may use. */
const reserved = new Set(['api', 'admin', 'new', 'o', 'p', 'sign-in', 'sign-up', 'settings', 'armature']);

/** `Müller & Söhne GmbH` → `muller-sohne-gmbh`. A name without Latin letters or digits becomes `workspace`. */
function toSlug(name: string): string {
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

/** Finds a free slug: the plain one, or with the lowest free number from 2 to 50, or with a random number. */
export async function findFreeSlug(name: string, isTaken: (slug: string) => Promise<boolean>): Promise<string> {
  const base = toSlug(name);
  if (!reserved.has(base) && !(await isTaken(base))) return base;
  for (let number = 2; number <= 50; number++) {
    const slug = `${base}-${number}`;
    if (!(await isTaken(slug))) return slug;
  }
  return `${base}-${randomInt(100_000, 1_000_000)}`;
}
