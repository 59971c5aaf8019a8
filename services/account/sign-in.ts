import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { emailInput, visitInput } from './schema.ts';
import { countAttempt, forgetAttempts, signInLimits } from './throttle.ts';

/**
 * Opens a session and returns its `Set-Cookie` values. Unknown addresses and wrong passwords get the same error.
 * @throws ArmatureError `unauthenticated`, `rate_limited` (with `retryAt`)
 */
export const signIn = useCase({
  name: 'account.sign_in',
  access: 'anyone',
  input: z.object({
    visit: visitInput,
    email: emailInput,
    password: z.string().min(1, 'Enter your password.').max(256),
  }),
  async run({ db, auth, now }, { visit, email, password }) {
    await countAttempt(db, signInLimits.address, visit.address, now());
    await countAttempt(db, signInLimits.email, email, now());
    const opened = await auth.signIn({ email, password }, visit);
    if (!opened)
      throw new ArmatureError(
        'unauthenticated',
        'The e-mail address or the password is wrong.',
        'Check both; the password is case-sensitive.',
      );
    await forgetAttempts(db, signInLimits.email, email, now());
    return opened;
  },
});
