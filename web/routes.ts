import { index, type RouteConfig, route } from '@remix-run/route-config';

export default [
  index('routes/index.tsx'),
  route('sign-in', 'routes/sign-in.tsx'),
  route('sign-up', 'routes/sign-up.tsx'),
  route('sign-out', 'routes/sign-out.tsx'),
  route('slack/link', 'routes/slack/link.tsx'),
  route('o/:org/runs/:runId/trace', 'routes/runs/trace.tsx'),
  route('o/:org', 'routes/organization.tsx', [
    index('routes/organization-index.tsx'),
    route('servers', 'routes/servers/list.tsx'),
    route('servers/new', 'routes/servers/new.tsx'),
    route('servers/:serverId', 'routes/servers/page.tsx'),
    route('servers/:serverId/edit', 'routes/servers/edit.tsx'),
    route('servers/:serverId/coverage', 'routes/servers/coverage.tsx'),
    route('workflows', 'routes/workflows/list.tsx'),
    route('workflows/new', 'routes/workflows/new.tsx'),
    route('workflows/:workflowId', 'routes/workflows/page.tsx'),
    route('workflows/:workflowId/edit', 'routes/workflows/edit.tsx'),
    route('workflows/:workflowId/versions/:versionId', 'routes/workflows/version.tsx'),
    route('runs', 'routes/runs/list.tsx'),
    route('runs/:runId', 'routes/runs/page.tsx'),
    route('proposals', 'routes/proposals/list.tsx'),
    route('proposals/:proposalId', 'routes/proposals/page.tsx'),
    route('keys', 'routes/keys/list.tsx'),
  ]),
  route('*', 'routes/not-found.tsx'),
] satisfies RouteConfig;
