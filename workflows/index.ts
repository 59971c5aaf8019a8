export { checkMonitors } from './check-monitors.ts';
export { checkNow } from './check-now.ts';
export { deliverAlert } from './deliver-alert.ts';
export { makeReport } from './make-report.ts';
export { run } from './run.ts';
export { scheduledRuns } from './scheduled-runs.ts';
export { housekeeping, reconcile, syncCatalog } from './system.ts';
