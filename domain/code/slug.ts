import { z } from 'zod';

const maxLength = 60;

/** What a workflow or monitor is called in files and commands. Unique in its workspace; set when it is created. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'An id has 1 to 60 characters a–z, 0–9 and -, such as order-a-mug.');

/** The slug of a name, whether it is free or not. @param fallback for a name without a letter or digit of ASCII */
export function plainSlug(name: string, fallback: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return cutSlug(plain, maxLength) || fallback;
}

/**
 * The slug of a name: `Order a mug (fast)` → `order-a-mug-fast`. One that is taken gets the next free number.
 */
export function toSlug(
  name: string,
  { isTaken, fallback }: { isTaken(slug: string): boolean; fallback: string },
): string {
  const base = plainSlug(name, fallback);
  if (!isTaken(base)) return base;
  for (let number = 2; ; number++) {
    const ending = `-${number}`;
    const numbered = `${cutSlug(base, maxLength - ending.length)}${ending}`;
    if (!isTaken(numbered)) return numbered;
  }
}

const cutSlug = (text: string, length: number): string => text.slice(0, length).replace(/-$/, '');
