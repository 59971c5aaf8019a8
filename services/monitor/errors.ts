import { ArmatureError } from '../../domain/error/error.ts';

export const monitorNotFound = (): ArmatureError =>
  new ArmatureError(
    'monitor_not_found',
    'There is no such monitor in this workspace.',
    'List the monitors to find the right id.',
  );
export const monitorArchived = (): ArmatureError =>
  new ArmatureError(
    'monitor_archived',
    'This monitor was deleted: it can be read, but not changed or checked.',
    'Make a new monitor, or choose another one.',
  );
