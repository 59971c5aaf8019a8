import type { z } from 'zod';
import { ArmatureError, type ErrorCode, type FieldError, fieldPath } from '../../domain/error/error.ts';

/** Invalid input: the message names the first field, `fieldErrors` all of them. */
export function validationError(
  fieldErrors: readonly FieldError[],
  remediation = 'Correct the named fields and try again.',
): ArmatureError {
  const [first] = fieldErrors;
  const message = first ? `${first.field ? `${first.field}: ` : ''}${first.message}` : 'The input is invalid.';
  return new ArmatureError('validation_failed', message, remediation, { fieldErrors: [...fieldErrors] });
}

/** Converts what zod found wrong with an input. */
export const toValidationError = (error: z.ZodError): ArmatureError =>
  validationError(error.issues.map(({ path, message }) => ({ field: fieldPath(path), message })));

/** An error of any code that one field of the input caused. */
export const fieldError = (code: ErrorCode, field: string, message: string, remediation: string): ArmatureError =>
  new ArmatureError(code, message, remediation, { fieldErrors: [{ field, message }] });
