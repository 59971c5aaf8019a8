/** A refresh happens after 70 to 80 % of a token's life. */
const earliest = 0.7;
const spread = 0.1;
/** A token that ends this soon is not used any more: the request could arrive too late. */
const marginMs = 5000;

export type Lifetime = {
  /** Milliseconds since 1970, by this machine's clock. Null: the server doesn't say. */
  expiresAt: number | null;
  refreshAt: number | null;
};

/**
 * When a token ends and is to be renewed. Counts from when it was requested: then it never ends later than the server
 * thinks, whatever the clocks say.
 * @param random 0 up to 1
 */
export function toLifetime(requestedAt: number, expiresInSeconds: number | null, random: number): Lifetime {
  if (expiresInSeconds === null) return { expiresAt: null, refreshAt: null };
  const ms = Math.max(0, expiresInSeconds) * 1000;
  return { expiresAt: requestedAt + ms, refreshAt: Math.round(requestedAt + ms * (earliest + spread * random)) };
}

export type Freshness = 'fresh' | 'due' | 'ended';

/** `due`: it can be used, but it is time for a new one. */
export function freshnessOf({ expiresAt, refreshAt }: Lifetime, now: number): Freshness {
  if (expiresAt === null || refreshAt === null) return 'fresh';
  const life = expiresAt - refreshAt;
  if (now >= expiresAt - Math.min(marginMs, life / 2)) return 'ended';
  return now >= refreshAt ? 'due' : 'fresh';
}

const noticeMs = 72 * 3_600_000;

/** Whether people should be told that a sign-in will end soon. @param endsAt null: its end isn't known */
export const isEndNear = (endsAt: number | null, now: number): boolean =>
  endsAt !== null && now >= endsAt - noticeMs && now < endsAt;
