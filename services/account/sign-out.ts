import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { visitInput } from './schema.ts';

/** Ends the session of the visit's cookie, if there is one. The answer's `cookies` take the cookie away. */
export const signOut = useCase({
  name: 'account.sign_out',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  run: async ({ auth }, { visit }) => ({ cookies: await auth.signOut(visit) }),
});
