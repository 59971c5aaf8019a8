import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { readDevice, rememberDevice } from './device.ts';
import { recordSignIn } from './record-sign-in.ts';
import { emailInput, visitInput } from './schema.ts';
import { countSignIn } from './throttle.ts';

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
  async run({ db, auth, config, security, requestId, now }, { visit, email, password }) {
    const deviceId = readDevice(config, { email, cookie: visit.cookie });
    const attempt = await countSignIn(db, { email, network: visit.network, deviceId }, now());
    const record = (outcome: 'ok' | 'failed' | 'locked') =>
      recordSignIn({ db, security, requestId }, { email, visit, outcome });
    if ('refusal' in attempt) {
      if (attempt.isFirst) await record('locked');
      throw attempt.refusal;
    }
    const opened = await auth.signIn({ email, password }, visit);
    if (!opened) {
      await record('failed');
      throw new ArmatureError(
        'unauthenticated',
        'The e-mail address or the password is wrong.',
        'Check both; the password is case-sensitive.',
      );
    }
    await attempt.forget();
    await record('ok');
    return { ...opened, cookies: [...opened.cookies, rememberDevice(config, { email, id: deviceId })] };
  },
});
