import { ArmatureError } from '../../domain/error/error.ts';

export const proposalNotFound = (): ArmatureError =>
  new ArmatureError(
    'proposal_not_found',
    'This workspace has no proposal with this id.',
    'Proposals that are not applied are deleted after seven days. Propose the change again.',
  );
