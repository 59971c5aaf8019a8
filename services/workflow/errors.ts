import { ArmatureError } from '../../domain/error/error.ts';

export const workflowNotFound = (): ArmatureError =>
  new ArmatureError(
    'workflow_not_found',
    'There is no such workflow in this workspace.',
    'List the workflows to find the right id.',
  );

export const workflowArchived = (): ArmatureError =>
  new ArmatureError(
    'workflow_archived',
    'This workflow is archived: it can be read, but not changed or run.',
    'Restore it on its page first, or choose another one.',
  );

export const versionNotFound = (): ArmatureError =>
  new ArmatureError(
    'version_not_found',
    'This workflow has no such version.',
    'Open the history of the workflow to find the right one.',
  );

export const baseVersionStale = (currentVersionId: string, currentVersionNumber: number): ArmatureError =>
  new ArmatureError(
    'base_version_stale',
    `The workflow moved on to version ${currentVersionNumber} since you began.`,
    'Look at the current version, and save your changes on top of it.',
    { currentVersionId, currentVersionNumber },
  );
