import type { Express } from 'express';
import type { Deps } from '../../services/context/context.ts';
import { readiness } from '../../services/installation/readiness.ts';
import { checkAccess } from './metrics.ts';

/**
 * `GET /healthz`: the process is up. `GET /readyz`: it can serve requests, 503 otherwise. Names are only for those who
 * may read metrics.
 */
export function mountHealth(app: Express, deps: Deps): void {
  app.get('/healthz', (_request, response) => {
    response.json({ live: true });
  });
  app.get('/readyz', async (request, response) => {
    const { requestId } = response.locals;
    const withNames = checkAccess(request, deps.config.metricsToken) === null;
    const state = await readiness({ deps, actor: { kind: 'visitor', id: 'probe' }, requestId }, { withNames });
    response.set('Cache-Control', 'no-store');
    response.status(state.ready ? 200 : 503).json(state);
  });
}
