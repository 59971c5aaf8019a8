import type { Register } from '../command.ts';
import { register as catalog } from './catalog.ts';
import { register as check } from './check.ts';
import { register as completion } from './completion.ts';
import { register as diff } from './diff.ts';
import { register as init } from './init.ts';
import { register as probe } from './probe.ts';
import { register as scan } from './scan.ts';
import { register as schema } from './schema.ts';
import { serverVerbs } from './server/index.ts';
import { register as test } from './test.ts';

/** In the order of the help. */
const verbs: readonly Register[] = [init, test, probe, check, scan, catalog, diff, ...serverVerbs, schema, completion];

export const registerVerbs: Register = (program, context) => {
  for (const register of verbs) register(program, context);
};
