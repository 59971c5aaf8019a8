export { run } from './run.ts';
export { scheduledRuns } from './scheduled-runs.ts';
export { reconcile } from './system.ts';
