import { ArmatureError } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { validationError } from '../../context/errors.ts';

type Call = { authProfileId: string; tool: string; argumentsKey: string };

/**
 * Requires that no monitor makes the same call: one per server, profile, tool and arguments. Call it under the server's
 * row lock.
 * @param of.field path of a call in the request
 * @throws ArmatureError `conflict` with the existing `monitorIds`
 */
export async function requireNewCalls(
  tx: Tx,
  {
    orgId,
    serverId,
    calls,
    except,
    field,
  }: {
    orgId: string;
    serverId: string;
    calls: readonly Call[];
    /** The monitor that is edited. */
    except?: string;
    field: (index: number) => string;
  },
): Promise<void> {
  const existing = await tx.monitor.findMany({
    where: {
      orgId,
      serverId,
      archivedAt: null,
      argumentsKey: { in: calls.map((call) => call.argumentsKey) },
      ...(except !== undefined && { id: { not: except } }),
    },
    select: { id: true, name: true, authProfileId: true, tool: true, argumentsKey: true },
  });
  const found = calls.flatMap((call, index) => {
    const same = existing.find((monitor) => toKey(monitor) === toKey(call));
    return same ? [{ index, same }] : [];
  });
  const [first] = found;
  if (!first) return;
  const message = (name: string) => `The monitor "${name}" makes the same call already.`;
  throw new ArmatureError('conflict', message(first.same.name), 'Change the arguments, or use the existing monitor.', {
    fieldErrors: found.map(({ index, same }) => ({ field: field(index), message: message(same.name) })),
    monitorIds: found.map(({ same }) => same.id),
  });
}

/** Requires that the calls of one request differ. @throws ArmatureError `validation_failed` */
export function requireDifferentCalls(calls: readonly Call[], field: (index: number) => string): void {
  const seen = new Map<string, number>();
  const fieldErrors = calls.flatMap((call, index) => {
    const before = seen.get(toKey(call));
    if (before === undefined) {
      seen.set(toKey(call), index);
      return [];
    }
    return [{ field: field(index), message: `This is the same call as ${field(before)}.` }];
  });
  if (fieldErrors.length > 0) throw validationError(fieldErrors, 'Remove one of them.');
}

const toKey = ({ authProfileId, tool, argumentsKey }: Call): string =>
  JSON.stringify([authProfileId, tool, argumentsKey]);
