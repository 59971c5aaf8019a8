import { useCase } from '../context/use-case.ts';
import { archiveMonitorsInput } from './schema.ts';
import { moveMonitors } from './set-state.ts';

/**
 * Deletes monitors: they are no longer checked and leave the lists; their history stays readable. Deleted ones stay so.
 * @throws ArmatureError `monitor_not_found`
 */
export const archiveMonitors = useCase({
  name: 'monitor.archive',
  access: 'editor',
  input: archiveMonitorsInput,
  run: (context, { monitorIds }) => moveMonitors(context, { monitorIds, state: 'archived' }),
});
