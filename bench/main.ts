/** `npm run bench -- <suite>`: measures on this machine and prints a report (bench/README.md). */
import { benchMcp } from './mcp.ts';
import { benchMonitors } from './monitors.ts';
import { benchRuns } from './runs.ts';

const suites: Record<string, () => Promise<void>> = { mcp: benchMcp, monitors: benchMonitors, runs: benchRuns };

const suite = suites[process.argv[2] ?? ''];
if (suite) {
  await suite();
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(suites).join(' | ')}`);
  process.exitCode = 1;
}
