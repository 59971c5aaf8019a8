import { z } from 'zod';

/** No row has it. */
const nobody = '00000000-0000-0000-0000-000000000000';
const form = z.uuid();

/**
 * An id that a caller gives. Ids are opaque to callers, so one that is impossible is not found like any other that
 * nothing has, and never reaches the database, which would refuse it.
 */
export const givenId = z.string().overwrite((id) => (form.safeParse(id).success ? id : nobody));
