import type { Register } from '../../command.ts';
import { register as compare } from './compare.ts';
import { register as coverage } from './coverage.ts';
import { register as diagnose } from './diagnose.ts';
import { register as incidents } from './incidents.ts';
import { register as login } from './login.ts';
import { register as monitors } from './monitors.ts';
import { register as product } from './product.ts';
import { register as pull } from './pull.ts';
import { register as push } from './push.ts';
import { register as run } from './run.ts';
import { register as runs } from './runs.ts';
import { register as whoami } from './whoami.ts';
import { register as workflows } from './workflows.ts';

/** What needs an Armature server, in the order of the help. */
export const serverVerbs: readonly Register[] = [
  login,
  whoami,
  pull,
  push,
  run,
  runs,
  workflows,
  monitors,
  incidents,
  coverage,
  diagnose,
  compare,
  product,
];
