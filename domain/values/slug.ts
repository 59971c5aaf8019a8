/** In characters. */
export const maxSlugLength = 40;

/** `acme-2`: lower-case letters, digits and single hyphens between them. */
export const slugForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** First parts of paths that the product uses or may use. */
const reserved = new Set(['api', 'admin', 'new', 'o', 'p', 'sign-in', 'sign-up', 'settings', 'armature']);

export const isReservedSlug = (slug: string): boolean => reserved.has(slug);

/** `Müller & Söhne GmbH` → `muller-sohne-gmbh`. A name without Latin letters or digits becomes `fallback`. */
export function toSlug(name: string, fallback = 'workspace'): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxSlugLength)
    .replace(/^-+|-+$/g, '');
  return slug || fallback;
}
