import { z } from 'zod';
import { findOrgIds } from '../../infra/db/queries/account.ts';
import { useCase } from '../context/use-case.ts';
import { visitInput } from './schema.ts';

/** Ends the session of the visitor's cookie, if any. Returns the `Set-Cookie` values that clear the cookie. */
export const signOut = useCase({
  name: 'account.sign_out',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run({ db, auth, security, requestId }, { visit }) {
    const signedIn = await auth.session(visit);
    const cookies = await auth.signOut(visit);
    if (signedIn)
      await security.record({
        kind: 'sign_out',
        outcome: 'ok',
        subject: { kind: 'user', id: signedIn.userId },
        orgIds: await findOrgIds(db, signedIn.userId),
        address: visit.address,
        userAgent: visit.userAgent,
        requestId,
      });
    return { cookies };
  },
});
