import { z } from 'zod';
import { temporalNames } from '../../../domain/run/ids.ts';
import type { UseCaseContext } from '../../context/use-case.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { toCriterionResult, toRunView } from './view.ts';

/** One run with its verdicts. `temporalUrl` is its page in Temporal Web, for the installation's operators only. */
export const getRun = useCase({
  name: 'run.get',
  access: 'viewer',
  input: z.object({ runId: z.uuid() }),
  async run(frame, { runId }) {
    const { db, orgId } = frame;
    const row = await db.run.findFirst({
      where: { orgId, id: runId },
      include: {
        workflow: { select: { id: true, name: true } },
        server: { select: { id: true, name: true } },
        version: { select: { id: true, number: true } },
        results: { orderBy: { position: 'asc' } },
      },
    });
    if (!row) throw runNotFound(runId);
    return {
      run: toRunView(row),
      workflow: row.workflow,
      server: row.server,
      version: row.version,
      results: row.results.map(toCriterionResult),
      temporalUrl: await temporalUrl(frame, runId),
    };
  },
});

/**
 * Temporal Web shows every organization, so only operators get the link: those configured, else the installation's
 * first owner.
 */
async function temporalUrl({ actor, config, db }: UseCaseContext, runId: string): Promise<string | null> {
  const { uiUrl, namespace } = config.temporal;
  if (!uiUrl || actor.kind !== 'member') return null;
  const operator = config.operators.length
    ? await db.user.findFirst({
        where: { id: actor.id, email: { in: config.operators, mode: 'insensitive' } },
        select: { id: true },
      })
    : await db.member
        .findFirst({
          where: { role: 'owner' },
          orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }],
          select: { userId: true },
        })
        .then((first) => (first?.userId === actor.id ? first : null));
  if (!operator) return null;
  const workflow = encodeURIComponent(temporalNames(config.installation).run(runId));
  return `${uiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${workflow}`;
}
