import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Deps } from '../context/context.ts';

const length = 12;

/** The code that the first sign-up needs: only who can read the server's log, or its configuration, knows it. */
export async function readSetupCode({ db, config }: Pick<Deps, 'db' | 'config'>): Promise<string> {
  const { id } = await db.installation.findFirstOrThrow({ select: { id: true } });
  return createHmac('sha256', config.authSecret).update(id).digest('hex').slice(0, length);
}

export async function isSetupCode(deps: Pick<Deps, 'db' | 'config'>, sent: string): Promise<boolean> {
  const right = Buffer.from(await readSetupCode(deps));
  const given = Buffer.from(sent.trim().toLowerCase());
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Writes the setup code to the log while nobody has an account. For the start of an api. Not a use case. */
export async function announceSetupCode(deps: Pick<Deps, 'db' | 'config' | 'log'>): Promise<void> {
  if ((await deps.db.user.findFirst({ select: { id: true } })) !== null) return;
  const code = await readSetupCode(deps);
  deps.log.warn(`No account exists yet. Sign up at ${deps.config.url}/sign-up with this setup code: ${code}`);
}
