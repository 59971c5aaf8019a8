import { ArmatureError } from '../../domain/error/error.ts';

export const proposalNotFound = (): ArmatureError =>
  new ArmatureError(
    'proposal_not_found',
    'This workspace has no proposal with this id.',
    'Proposals that are not applied are deleted after seven days. Propose the change again.',
  );

export const proposalExpired = (expiresAt: Date): ArmatureError =>
  new ArmatureError(
    'proposal_expired',
    'This proposal is older than 24 hours and can no longer be applied.',
    'Propose the change again.',
    { expiresAt: expiresAt.toISOString() },
  );

export const alreadyApplied = (): ArmatureError =>
  new ArmatureError('conflict', 'This proposal was already applied.', 'To undo it, save the version before it again.');
