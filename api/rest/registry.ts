import type { Route } from './route.ts';
import { alertRoutes } from './routes/alerts.ts';
import { codeRoutes } from './routes/code.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { modelProviderRoutes } from './routes/model-providers.ts';
import { monitorRoutes } from './routes/monitors.ts';
import { peopleRoutes } from './routes/people.ts';
import { planRoutes } from './routes/plan.ts';
import { productMcpRoutes } from './routes/product-mcps.ts';
import { proposalRoutes } from './routes/proposals.ts';
import { runRoutes } from './routes/runs.ts';
import { reportRoutes } from './routes/server/report.ts';
import { serverRoutes } from './routes/servers.ts';
import { setupRoutes } from './routes/setup.ts';
import { workflowRoutes } from './routes/workflows.ts';
import { workspaceRoutes } from './routes/workspace.ts';

/** Every operation of the REST API. Routes, the OpenAPI document, the reference page and the docs are made from it. */
export const routes: readonly Route[] = [
  ...workspaceRoutes,
  ...planRoutes,
  ...modelProviderRoutes,
  ...serverRoutes,
  ...workflowRoutes,
  ...runRoutes,
  ...proposalRoutes,
  ...reportRoutes,
  ...monitorRoutes,
  ...incidentRoutes,
  ...alertRoutes,
  ...codeRoutes,
  ...productMcpRoutes,
  ...setupRoutes,
  ...peopleRoutes,
];
