import type { z } from 'zod';
import { usageError } from '../exit.ts';
import { oneLine } from '../output/style.ts';
import { serversAnswer, workflowsAnswer } from './answers.ts';
import type { Client } from './client.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A workflow by the id in files, or by the server's own id. @throws CommandError */
export async function findWorkflow(client: Client, given: string): Promise<{ id: string; name: string }> {
  if (uuid.test(given)) return { id: given, name: given };
  const { rows } = await client.call('listWorkflows', { slug: given }, workflowsAnswer);
  const [found] = rows;
  if (found) return found;
  throw usageError(`There is no workflow "${oneLine(given)}". \`armature workflows\` lists them.`);
}

/** A server by its name or id. @throws CommandError for none, and for several of one name */
export async function findServer(client: Client, given: string): Promise<{ id: string }> {
  if (uuid.test(given)) return { id: given };
  const found = (await listServers(client)).filter(({ name, url }) => name === given || url === given);
  const [only] = found;
  if (only && found.length === 1) return only;
  if (found.length > 1) throw usageError(`${found.length} servers are called "${oneLine(given)}". Give the id of one.`);
  throw usageError(`There is no server "${oneLine(given)}".`);
}

type Server = z.infer<typeof serversAnswer>['rows'][number];

export async function listServers(client: Client): Promise<Server[]> {
  const found: Server[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: z.infer<typeof serversAnswer> = await client.call(
      'listServers',
      { limit: 200, cursor: cursor ?? undefined },
      serversAnswer,
    );
    found.push(...page.rows);
    cursor = page.nextCursor;
    if (cursor === null) return found;
  }
}
