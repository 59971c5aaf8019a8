import { useCase } from '../context/use-case.ts';
import { archiveMonitorsInput } from './schema.ts';
import { moveMonitors } from './set-state.ts';

/**
 * Deletes monitors: they are checked no more and leave the lists, their history stays readable. Those that were deleted already stay so.
 * @throws ArmatureError `monitor_not_found`
 */
export const archiveMonitors = useCase({
  name: 'monitor.archive',
  access: 'editor',
  input: archiveMonitorsInput,
  run: (context, { monitorIds }) => moveMonitors(context, { monitorIds, state: 'archived' }),
});
