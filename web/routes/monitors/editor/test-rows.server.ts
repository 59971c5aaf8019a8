import type { Context } from '../../../../services/context/context.ts';
import { checkArguments } from '../../../../services/monitor/tool-call/arguments.ts';
import { type TestCallResult, testCall } from '../../../../services/monitor/tool-call/test-call.ts';
import { text } from '../../../shell/form.ts';
import { parseMonitor, placeInOne, refused, withRows } from './form.server.ts';
import type { MonitorRow } from './values.ts';

type Arguments = { [name: string]: unknown };
type Call = { serverId: string; authProfileId?: string };

/** Calls at the same time, so that a server that allows few is not busy for long. */
const maxConcurrent = 4;

/** What a test call was made with. A row that has it as `passed` needs no other one. */
export const toCallKey = (args: Arguments, { authProfileId }: Call): string => JSON.stringify([authProfileId, args]);

/**
 * Calls the tool of each row once, unless the same call has just passed. No tool is called while arguments are wrong.
 * @returns the rows whose call did not pass
 * @throws ArmatureError `validation_failed`
 */
export async function findFailing(
  ctx: Context,
  of: {
    form: FormData;
    rows: readonly MonitorRow[];
    args: readonly Arguments[];
    call: Call;
    schemaOf: (tool: string) => unknown;
  },
): Promise<{ key: string; result: TestCallResult }[]> {
  const { form, rows, args, call, schemaOf } = of;
  const wrong = rows.flatMap(({ key, tool }, index) => {
    const schema = schemaOf(tool);
    const field = [key, 'arguments'];
    return schema === undefined ? [] : checkArguments({ tool, schema }, args[index] ?? {}, { field }).errors;
  });
  if (wrong.length > 0) throw refused(wrong);
  const untested = rows.flatMap((row, index) => {
    const own = args[index] ?? {};
    return text(form, `${row.key}.passed`) === toCallKey(own, call) ? [] : [{ row, own }];
  });
  const failing: { key: string; result: TestCallResult }[] = [];
  for (let next = 0; next < untested.length; next += maxConcurrent) {
    const results = await Promise.all(
      untested.slice(next, next + maxConcurrent).map(async ({ row, own }) => {
        const { name: _, storeResults: __, ...settings } = parseMonitor(row, own);
        const result = await withRows(placeInOne(row), () => testCall(ctx, { ...call, ...settings }));
        return { key: row.key, result };
      }),
    );
    failing.push(...results.filter(({ result }) => result.outcome === 'fail' || result.outcome === 'error'));
  }
  return failing;
}
