import type { Config } from '@react-router/dev/config';

export default {
  appDirectory: 'web',
  buildDirectory: 'build',
  // Each part of a page would be a request of its own.
  splitRouteModules: false,
  // The app is small enough to send all routes. Lazy discovery had a denial of service in its `/__manifest`.
  routeDiscovery: { mode: 'initial' },
} satisfies Config;
