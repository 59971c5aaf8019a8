import type { PublicState } from '../../services/status-page/state.ts';

/** In the page's own words: nothing that a server or an error said. */
export const words: { [state in PublicState]: { monitor: string; all: string; since: string; badge: string } } = {
  operational: {
    monitor: 'Operational',
    all: 'All systems operational',
    since: 'recovering since',
    badge: 'operational',
  },
  unknown: { monitor: 'No recent data', all: 'No recent data', since: 'without data since', badge: 'no data' },
  maintenance: {
    monitor: 'Under maintenance',
    all: 'Maintenance is under way',
    since: 'under maintenance since',
    badge: 'maintenance',
  },
  degraded: {
    monitor: 'Degraded',
    all: 'Some systems are degraded',
    since: 'slower than usual or partly wrong since',
    badge: 'degraded',
  },
  failing: { monitor: 'Failing', all: 'Some systems are failing', since: 'failing since', badge: 'failing' },
  down: { monitor: 'Not responding', all: 'Nothing is responding', since: 'not responding since', badge: 'down' },
};
