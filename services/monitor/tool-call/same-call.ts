import { ArmatureError } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { validationError } from '../../context/errors.ts';

type Call = { authProfileId: string; tool: string; argumentsKey: string };

/**
 * Under the server's row lock: one monitor per tool, arguments, profile and server.
 * @param of.field names the place of a call in the request.
 * @throws ArmatureError `conflict`, which names the monitors that are there (`monitorIds`)
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
    /** A monitor that may be the same: itself. */
    except?: string;
    field: (index: number) => string;
  },
): Promise<void> {
  const there = await tx.monitor.findMany({
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
    const same = there.find((each) => keyOf(each) === keyOf(call));
    return same ? [{ index, same }] : [];
  });
  const [first] = found;
  if (!first) return;
  const message = (name: string) => `The monitor "${name}" makes this very call already.`;
  throw new ArmatureError(
    'conflict',
    message(first.same.name),
    'Change the arguments, or look at the monitor that is there.',
    {
      fieldErrors: found.map(({ index, same }) => ({ field: field(index), message: message(same.name) })),
      monitorIds: found.map(({ same }) => same.id),
    },
  );
}

/** Of calls in one request. @throws ArmatureError `validation_failed` */
export function requireDifferentCalls(calls: readonly Call[], field: (index: number) => string): void {
  const seen = new Map<string, number>();
  const fieldErrors = calls.flatMap((call, index) => {
    const before = seen.get(keyOf(call));
    if (before === undefined) {
      seen.set(keyOf(call), index);
      return [];
    }
    return [{ field: field(index), message: `This is the same call as ${field(before)}.` }];
  });
  if (fieldErrors.length > 0) throw validationError(fieldErrors, 'Leave one of them out.');
}

const keyOf = ({ authProfileId, tool, argumentsKey }: Call): string =>
  JSON.stringify([authProfileId, tool, argumentsKey]);
