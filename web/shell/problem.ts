import type { ArmatureError, ErrorDetails } from '../../domain/error/error.ts';

/** A failure that a page can show: an `ArmatureError`, or an internal error with its request id. */
export type Problem = {
  code: ArmatureError['code'];
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
