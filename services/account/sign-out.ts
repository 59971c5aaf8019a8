import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { authInput, visitInput } from './schema.ts';

/** Ends the session of the visit's cookie, if there is one. The answer's `cookies` take the cookie away. */
export const signOut = useCase({
  name: 'account.sign_out',
  access: 'anyone',
  input: z.object({ auth: authInput, visit: visitInput }),
  run: async (_frame, { auth, visit }) => ({ cookies: await auth.signOut(visit) }),
});
