import type { Config } from '@react-router/dev/config';

export default {
  appDirectory: 'web',
  buildDirectory: 'build',
  // The app is small enough to send all routes. Lazy discovery had a denial of service in its `/__manifest`.
  routeDiscovery: { mode: 'initial' },
} satisfies Config;
