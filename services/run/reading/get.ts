import { z } from 'zod';
import { toCallNumber } from '../../../domain/run/call-number.ts';
import { temporalNames } from '../../../domain/run/ids.ts';
import { givenId } from '../../../domain/values/id.ts';
import { loadActorNames } from '../../context/actor-names.ts';
import type { UseCaseContext } from '../../context/use-case.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { toCriterionResult, toRunView } from './view.ts';

/**
 * One run with its verdicts. `canceledBy` names who canceled it. `temporalUrl` is its page in Temporal Web, for the
 * installation's operators only. `traceId` is its trace in OpenTelemetry. `waiting`: it waits for other runs of the
 * workspace to end. `blockedCall`: number of the first call that the tool policy blocked.
 */
export const getRun = useCase({
  name: 'run.get',
  access: 'viewer',
  input: z.object({ runId: givenId }),
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
    if (!row) throw runNotFound();
    return {
      run: toRunView(row),
      canceledBy: row.errorKind === 'canceled' ? await nameCanceler(frame, row.cancelRequestedBy) : null,
      workflow: row.workflow,
      server: row.server,
      version: row.version,
      results: row.results.map(toCriterionResult),
      temporalUrl: await temporalUrl(frame, runId),
      traceId: row.traceId,
      blockedCall: row.flagged ? await findBlockedCall(frame, runId) : null,
      waiting:
        row.status === 'pending' && row.waitingSince !== null
          ? { since: row.waitingSince.toISOString(), maxConcurrentRuns: frame.config.ceilings.concurrentRuns }
          : null,
    };
  },
});

/** The number of the first call that the tool policy blocked. */
async function findBlockedCall({ db, orgId }: UseCaseContext, runId: string): Promise<number | null> {
  const call = await db.toolCall.findFirst({
    where: { orgId, runId, outcome: 'blocked' },
    orderBy: { index: 'asc' },
    select: { index: true },
  });
  return call && toCallNumber(call.index);
}

/** @param by `<kind>:<id>` of the actor; null for somebody in Temporal */
async function nameCanceler({ db, orgId }: UseCaseContext, by: string | null): Promise<string> {
  if (by === null) return 'an operator in Temporal';
  const [kind = '', ...rest] = by.split(':');
  const actor = { kind, id: rest.join(':') };
  const { name } = (await loadActorNames(db, orgId, [actor]))(actor);
  switch (kind) {
    case 'member':
      return name ?? 'a former member';
    case 'api_key':
      return name === null ? 'an API key' : `the API key “${name}”`;
    case 'slack':
      return 'a Slack user';
    default:
      return 'Armature';
  }
}

/**
 * Temporal Web shows every organization, so only operators get the link: those configured, by a verified address, else
 * the installation's first owner.
 */
async function temporalUrl({ actor, config, db }: UseCaseContext, runId: string): Promise<string | null> {
  const { uiUrl, namespace } = config.temporal;
  if (!uiUrl || actor.kind !== 'member') return null;
  const operator = config.operators.length
    ? await db.user.findFirst({
        where: { id: actor.id, emailVerified: true, email: { in: config.operators, mode: 'insensitive' } },
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
