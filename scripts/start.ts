/**
 * `npm start`: all of Armature on this machine (docs/architecture.md, "Processes").
 * `npm run dev`: the same with `--dev`: changes of the sources take effect immediately (CONTRIBUTING.md).
 */
import { startAll } from './start/all.ts';

startAll({ isDev: process.argv.includes('--dev') });
