/** A cookie of each workspace whose first steps this browser hides. */
const toName = (slug: string) => `armature_steps_${slug}`;

export const isHidingSteps = (cookies: string | null, slug: string): boolean =>
  (cookies ?? '').split(/;\s*/).includes(`${toName(slug)}=hidden`);

/** The cookie that hides or shows them. */
export const hideSteps = (slug: string, hide: boolean): string =>
  `${toName(slug)}=hidden; Path=/o/${slug}; Max-Age=${hide ? 31_536_000 : 0}; SameSite=Lax`;
