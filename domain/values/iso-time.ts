import { z } from 'zod';

/** A time (ISO 8601) that Postgres can read: in UTC, its year has four digits and is not 0. */
export const isoTime = z.iso.datetime({ offset: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}, 'A time within the years 1 to 9999.');
