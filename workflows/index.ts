export { run } from './run.ts';
export { scheduledRuns } from './scheduled-runs.ts';
export { housekeeping, reconcile } from './system.ts';
