import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of heap in use after forced collections, full or of the young generation alone. */
export function heapUsed(type: 'major' | 'minor' = 'major'): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('the collector can not be called');
  for (const _ of [1, 2, 3]) collect({ type });
  return process.memoryUsage().heapUsed;
}
