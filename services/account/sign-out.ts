import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { visitInput } from './schema.ts';

/** Ends the session of the visitor's cookie, if any. Returns the `Set-Cookie` values that clear the cookie. */
export const signOut = useCase({
  name: 'account.sign_out',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  run: async ({ auth }, { visit }) => ({ cookies: await auth.signOut(visit) }),
});
