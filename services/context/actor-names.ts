import type { Db, Tx } from '../../infra/db/index.ts';

/** An actor with the name of the person or API key; null if it no longer exists, and for Slack users and the system. */
export type NamedActor = { kind: string; id: string; name: string | null };

/** Finds the names of members and API keys, by two queries. */
export async function loadActorNames(
  db: Db | Tx,
  orgId: string,
  actors: readonly { kind: string; id: string }[],
): Promise<(actor: { kind: string; id: string }) => NamedActor> {
  const ids = (kind: string) => [...new Set(actors.filter((actor) => actor.kind === kind).map(({ id }) => id))];
  const members = await db.member.findMany({
    where: { orgId, userId: { in: ids('member') } },
    select: { userId: true, user: { select: { name: true } } },
  });
  const keys = await db.apiKey.findMany({
    where: { orgId, id: { in: ids('api_key') } },
    select: { id: true, name: true },
  });
  const names = new Map([
    ...members.map(({ userId, user }): [string, string] => [`member:${userId}`, user.name]),
    ...keys.map(({ id, name }): [string, string] => [`api_key:${id}`, name]),
  ]);
  return ({ kind, id }) => ({ kind, id, name: names.get(`${kind}:${id}`) ?? null });
}

/** @param text `<kind>:<id>`, as rows name who wrote them */
export function parseActor(text: string): { kind: string; id: string } {
  const [kind = '', ...rest] = text.split(':');
  return { kind, id: rest.join(':') };
}
