import type { z } from 'zod';
import type { ErrorCode } from '../../domain/error/codes.ts';
import { ArmatureError, type ErrorDetails, type FieldError, fieldPath } from '../../domain/error/error.ts';

/** An input can have as many errors as bytes. An answer that lists them must not grow with it. */
const maxFieldErrors = 20;

/** Invalid input: the message names the first field, `fieldErrors` the first 20. */
export function validationError(
  fieldErrors: readonly FieldError[],
  remediation = 'Correct the named fields and try again.',
  details: Pick<ErrorDetails, 'untrusted'> = {},
): ArmatureError {
  const [first] = fieldErrors;
  const message = first ? `${first.field ? `${first.field}: ` : ''}${first.message}` : 'The input is invalid.';
  return new ArmatureError('validation_failed', message, remediation, {
    fieldErrors: fieldErrors.slice(0, maxFieldErrors),
    ...details,
  });
}

/** What zod found wrong, up to the number that an error names. @param at where in the input the parsed value is */
export const listFieldErrors = (error: z.ZodError | undefined, at: readonly PropertyKey[] = []): FieldError[] =>
  (error?.issues ?? [])
    .slice(0, maxFieldErrors)
    .map(({ path, message }) => ({ field: fieldPath([...at, ...path]), message }));

export const toValidationError = (error: z.ZodError): ArmatureError => validationError(listFieldErrors(error));

/** An error of any code that one field of the input caused. */
export const fieldError = (code: ErrorCode, field: string, message: string, remediation: string): ArmatureError =>
  new ArmatureError(code, message, remediation, { fieldErrors: [{ field, message }] });
