import { ArmatureError } from '../../domain/error/error.ts';

export const proposalNotFound = (): ArmatureError =>
  new ArmatureError(
    'proposal_not_found',
    'There is no such proposal in this workspace.',
    'It may have been deleted: those that are not applied are kept for seven days. Propose the change again.',
  );
