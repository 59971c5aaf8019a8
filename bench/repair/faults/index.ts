import type { Fault } from '../fault.ts';
import { argumentFaults } from './arguments.ts';
import { definitionFaults } from './definitions.ts';
import { expectationFaults } from './expectations.ts';
import { outageFaults } from './outages.ts';
import { resultFaults } from './results.ts';
import { schemaFaults } from './schemas.ts';
import { severalFaults } from './several.ts';
import { toolFaults } from './tools.ts';

export const faults: readonly Fault[] = [
  ...toolFaults,
  ...argumentFaults,
  ...schemaFaults,
  ...resultFaults,
  ...expectationFaults,
  ...outageFaults,
  ...definitionFaults,
  ...severalFaults,
];
