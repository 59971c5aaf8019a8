import type { OutcomeCounts, UptimeView } from './view.ts';

export const noChecks: OutcomeCounts = { pass: 0, degraded: 0, fail: 0, error: 0, notReached: 0, inMaintenance: 0 };

export const addCounts = (one: OutcomeCounts, other: OutcomeCounts): OutcomeCounts => ({
  pass: one.pass + other.pass,
  degraded: one.degraded + other.degraded,
  fail: one.fail + other.fail,
  error: one.error + other.error,
  notReached: one.notReached + other.notReached,
  inMaintenance: one.inMaintenance + other.inMaintenance,
});

/** The counts of a roll-up's row. */
export const toCounts = ({ pass, degraded, fail, error, notReached, inMaintenance }: OutcomeCounts): OutcomeCounts => ({
  pass,
  degraded,
  fail,
  error,
  notReached,
  inMaintenance,
});

/** Checks that were not reached, or in maintenance, don't count. */
export function getUptime(counts: OutcomeCounts): UptimeView {
  const { pass, degraded, fail, error } = counts;
  const all = pass + degraded + fail + error;
  return {
    uptime: all === 0 ? null : (pass + degraded) / all,
    strictUptime: all === 0 ? null : pass / all,
    counts,
  };
}
