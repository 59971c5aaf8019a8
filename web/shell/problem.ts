import { ArmatureError, type ErrorDetails } from '../../domain/error/error.ts';

/** A failure that a page can show: an `ArmatureError`, an internal error, or that no server answered. */
export type Problem = {
  code: ArmatureError['code'] | 'offline';
  message: string;
  remediation: string;
  fieldErrors: { field: string; message: string }[];
  requestId: string;
};

export const toProblem = (error: ArmatureError, requestId: string): Problem => ({
  code: error.code,
  message: error.message,
  remediation: error.remediation,
  fieldErrors: fieldErrorsOf(error.details),
  requestId,
});

const fieldErrorsOf = ({ fieldErrors }: ErrorDetails): Problem['fieldErrors'] => fieldErrors ?? [];

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'remediation' in value && 'message' in value;
}

/** The error of one field, under any of its names in use cases' inputs. */
export function fieldProblem(problem: Problem | undefined, ...fields: string[]): string | undefined {
  return problem?.fieldErrors.find(({ field }) => fields.includes(field))?.message;
}

/** For an address without a page. */
export const pageNotFound = (): ArmatureError =>
  new ArmatureError('resource_not_found', 'Page not found.', 'It may have been deleted, or the address is wrong.');
