/** `npm run bench -- <suite>`: measures on this machine and prints a report (bench/README.md). */
import { benchGrowth } from './growth.ts';
import { benchMcp } from './mcp/mcp.ts';
import { benchMonitors } from './monitors.ts';
import { benchProduct } from './product/product.ts';
import { benchRepair } from './repair/repair.ts';
import { benchReport } from './report/cost.ts';
import { benchRest } from './rest.ts';
import { benchRoutes } from './routes.ts';
import { benchRuns } from './runs.ts';
import { benchWeb } from './web/web.ts';

const suites: Record<string, () => Promise<void>> = {
  growth: benchGrowth,
  mcp: benchMcp,
  monitors: benchMonitors,
  product: benchProduct,
  repair: benchRepair,
  report: benchReport,
  rest: benchRest,
  routes: benchRoutes,
  runs: benchRuns,
  web: benchWeb,
};

const suite = suites[process.argv[2] ?? ''];
if (suite) {
  await suite();
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(suites).join(' | ')}`);
  process.exitCode = 1;
}
