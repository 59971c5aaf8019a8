import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

/** The Temporal server that all test files share. */
export function testTemporal(): { address: string; namespace: string } {
  return { address: inject('temporalAddress'), namespace: 'default' };
}

/** A prefix of one's own for every name in Temporal (`ARMATURE_INSTALLATION`), so that test files don't meet. */
export function freshInstallation(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}
