/** `npm run api`: serves the dashboard, the MCP endpoint and webhooks. Stateless: any number of processes can run. */
import { createDashboard } from './dashboard.ts';
import { serve } from './serve.ts';

await serve(createDashboard);
