import { expireRuns } from '../../../infra/db/queries/installation.ts';
import type { Deps } from '../../context/context.ts';

/** Runs of one transaction. */
const chunkSize = 500;

/** Deletes an organization's runs past its retention, some hundreds at a time. @returns how many */
export async function sweepRuns(
  { db }: Pick<Deps, 'db'>,
  { orgId, onProgress }: { orgId: string; onProgress: () => void },
): Promise<number> {
  for (let deleted = 0; ; onProgress()) {
    const count = await expireRuns(db, { orgId, limit: chunkSize });
    deleted += count;
    if (count < chunkSize) return deleted;
  }
}
