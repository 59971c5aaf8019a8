/** One line of `npm run doctor`: what was found, and what to do about it. */
export type Finding = { level: 'ok'; text: string } | { level: 'warning' | 'problem'; text: string; todo: string };

export const ok = (text: string): Finding => ({ level: 'ok', text });
export const warning = (text: string, todo: string): Finding => ({ level: 'warning', text, todo });
export const problem = (text: string, todo: string): Finding => ({ level: 'problem', text, todo });

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name of the host is unknown',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
  ETIMEDOUT: 'no answer in time',
  ECONNRESET: 'the connection was closed',
  ENOENT: 'there is no socket there',
  '28P01': 'the password is wrong, or the role is missing',
  '28000': 'the role may not sign in',
  '3D000': 'the database is missing',
};

/** Why a connection failed, in words. */
export function toReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // For a name with several addresses, the errors of each.
  if (error instanceof AggregateError && error.errors.length > 0) return toReason(error.errors[0]);
  const code = 'code' in error ? String(error.code) : '';
  // Prisma writes the cause below the call that failed.
  return reasons[code] ?? error.message.trim().split('\n').at(-1) ?? '';
}
