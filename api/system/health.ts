import type { Express } from 'express';
import type { Deps } from '../../services/context/context.ts';
import { readiness } from '../../services/installation/readiness.ts';

/** `GET /healthz`: the process is up. `GET /readyz`: it can serve requests, 503 otherwise. */
export function mountHealth(app: Express, deps: Deps): void {
  app.get('/healthz', (_request, response) => {
    response.json({ live: true });
  });
  app.get('/readyz', async (_request, response) => {
    const { requestId } = response.locals;
    const state = await readiness({ deps, actor: { kind: 'visitor', id: 'probe' }, requestId }, {});
    response.set('Cache-Control', 'no-store');
    response.status(state.ready ? 200 : 503).json(state);
  });
}
