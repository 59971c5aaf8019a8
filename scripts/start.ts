/** `npm start`: all of Armature on this machine (docs/architecture.md, "Processes"). */
import { startAll } from './start/all.ts';

startAll({ isDev: false });
