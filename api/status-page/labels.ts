import type { PublicState } from '../../services/status-page/state.ts';

/** Fixed texts only: the page is public, so it shows no text from a server or an error. */
export const labels: {
  [state in PublicState]: { monitor: string; all: string; since: string; past: string; badge: string };
} = {
  operational: {
    monitor: 'Operational',
    all: 'All systems operational',
    since: 'recovering since',
    past: 'recovering',
    badge: 'operational',
  },
  unknown: {
    monitor: 'No recent data',
    all: 'No recent data',
    since: 'without data since',
    past: 'without data',
    badge: 'no data',
  },
  maintenance: {
    monitor: 'Under maintenance',
    all: 'Maintenance in progress',
    since: 'under maintenance since',
    past: 'under maintenance',
    badge: 'maintenance',
  },
  degraded: {
    monitor: 'Degraded',
    all: 'Some systems are degraded',
    since: 'degraded since',
    past: 'degraded',
    badge: 'degraded',
  },
  failing: {
    monitor: 'Failing',
    all: 'Some systems are failing',
    since: 'failing since',
    past: 'failed',
    badge: 'failing',
  },
  down: {
    monitor: 'Not responding',
    all: 'No system is responding',
    since: 'not responding since',
    past: 'did not respond',
    badge: 'down',
  },
};
