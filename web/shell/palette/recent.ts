export type Recent = { to: string; title: string };

const maxRecent = 8;
const keyOf = (userId: string, slug: string) => `armature.recent:${userId}:${slug}`;

/** The things that a person opened in this browser, the latest first. */
export function readRecent(userId: string, slug: string): Recent[] {
  const stored: unknown = JSON.parse(localStorage.getItem(keyOf(userId, slug)) ?? '[]');
  return Array.isArray(stored) ? stored.filter(isRecent) : [];
}

export function addRecent(userId: string, slug: string, opened: Recent): void {
  const others = readRecent(userId, slug).filter(({ to }) => to !== opened.to);
  localStorage.setItem(keyOf(userId, slug), JSON.stringify([opened, ...others].slice(0, maxRecent)));
}

const isRecent = (value: unknown): value is Recent =>
  typeof value === 'object' &&
  value !== null &&
  'to' in value &&
  typeof value.to === 'string' &&
  'title' in value &&
  typeof value.title === 'string';
