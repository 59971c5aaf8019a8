import { Client } from 'pg';
import type { Deps } from '../../../services/context/context.ts';

/** All texts in the secrets of an organization. */
export async function storedSecrets(
  { config, secrets }: Pick<Deps, 'config' | 'secrets'>,
  orgId: string,
): Promise<string[]> {
  const client = new Client({ connectionString: config.secretsUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ ref: string }>('SELECT ref FROM secret WHERE org_id = $1', [orgId]);
    const values = await Promise.all(rows.map(({ ref }) => secrets.get(orgId, ref)));
    return values.flatMap(listStrings);
  } finally {
    await client.end();
  }
}

function listStrings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listStrings) : [];
}
