import { useCase } from '../context/use-case.ts';
import { monitorArchived } from './errors.ts';
import { findMonitorsById } from './find.ts';
import { checkMonitorsNowInput } from './schema.ts';

/**
 * Starts a check of each monitor now, paused ones included, in a Temporal workflow named by monitor and key: the same
 * key starts nothing new. A finished check carries its key.
 * @throws ArmatureError `monitor_not_found`, `monitor_archived`. @throws when Temporal is not available; the same key
 * may be sent again
 */
export const checkMonitorsNow = useCase({
  name: 'monitor.check_now',
  access: 'editor',
  input: checkMonitorsNowInput,
  async run({ orgId, config, temporal, write }, { monitorIds, key }): Promise<{ monitorIds: string[]; key: string }> {
    // Audited first: nothing may start without its audit row.
    await write(
      async (tx) => {
        const rows = await findMonitorsById(tx, { orgId, monitorIds });
        if (rows.some(({ state }) => state === 'archived')) throw monitorArchived();
      },
      { subject: monitorIds.length === 1 ? (monitorIds[0] ?? null) : null, data: { monitorIds, key } },
    );
    await Promise.all(
      monitorIds.map((monitorId) =>
        temporal.startCheckNow({ orgId, monitorId, key, heartbeatSeconds: config.heartbeatSeconds }),
      ),
    );
    return { monitorIds, key };
  },
});
