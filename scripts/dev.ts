/** `npm run dev`: the same as `npm start`, but changes of the sources take effect immediately (CONTRIBUTING.md). */
import { startAll } from './start/all.ts';

startAll({ isDev: true });
