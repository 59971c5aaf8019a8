import { useCase } from '../context/use-case.ts';
import { monitorArchived } from './errors.ts';
import { monitorsOf } from './find.ts';
import { checkMonitorsNowInput } from './schema.ts';

/**
 * Checks monitors now, paused ones too, each by a Temporal workflow named by monitor and key: the same key again starts nothing new. A
 * check is written when it is over, with its key.
 * @throws ArmatureError `monitor_not_found`, `monitor_archived`. @throws when Temporal can't be reached; the same key may be sent again.
 */
export const checkMonitorsNow = useCase({
  name: 'monitor.check_now',
  access: 'editor',
  input: checkMonitorsNowInput,
  async run({ orgId, config, temporal, write }, { monitorIds, key }): Promise<{ monitorIds: string[]; key: string }> {
    // Audited first: what was started must not be without its row.
    await write(
      async (tx) => {
        const rows = await monitorsOf(tx, { orgId, monitorIds });
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
