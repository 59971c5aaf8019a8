import { ArmatureError, type FieldError, isArmatureError } from '../../../../domain/error/error.ts';
import { type MonitorInterval, monitorIntervals } from '../../../../domain/monitor/monitor.ts';
import { toFields } from '../../../../domain/schema/form.ts';
import { text } from '../../../shell/form.ts';
import { type MonitorRow, readArguments, toSettings } from './values.ts';

/** The arguments of each row. @throws ArmatureError `validation_failed`, with fields named after the rows' keys */
export function parseArguments(
  rows: readonly MonitorRow[],
  schemaOf: (tool: string) => unknown,
): { [name: string]: unknown }[] {
  const read = rows.map((row) => readArguments(row, toFields(schemaOf(row.tool)).fields));
  const wrong = read.flatMap(({ errors }, index) =>
    errors.map(({ field, message }) => ({ field: `${rows[index]?.key}.${field}`, message })),
  );
  if (wrong.length > 0) throw refused(wrong);
  return read.map(({ value }) => value);
}

/** Converts a row to the input of `createMonitors` and `testCall`. */
export const parseMonitor = (row: MonitorRow, args: { [name: string]: unknown }) => {
  const { name, ...settings } = toSettings(row);
  return { tool: row.tool, ...(name !== '' && { name }), arguments: args, ...settings };
};

export const refused = (fieldErrors: FieldError[]) =>
  new ArmatureError('validation_failed', 'Some fields are invalid.', 'Correct the marked fields and try again.', {
    fieldErrors,
  });

/**
 * Calls a use case with the form's rows and renames the fields of its errors after the rows' keys.
 * @param placeOf returns a field's row and the rest of its path; null for a shared field
 */
export async function withRows<T>(
  placeOf: (field: string) => { row: MonitorRow | undefined; rest: string } | null,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isArmatureError(error) || !error.details.fieldErrors) throw error;
    let placed = 0;
    const fieldErrors = error.details.fieldErrors.map(({ field, message }) => {
      const place = placeOf(field);
      if (!place?.row) return { field, message };
      placed++;
      const words = message.replace(/monitors\[\d+\]/g, (other) => `“${placeOf(other)?.row?.name ?? other}”`);
      return { field: `${place.row.key}${place.rest}`, message: words };
    });
    if (placed === 0) throw error;
    throw new ArmatureError(error.code, 'Some fields are invalid.', 'Correct the marked fields and try again.', {
      ...error.details,
      fieldErrors,
    });
  }
}

/** For `createMonitors`: `monitors[1].arguments.query` belongs to the second row. */
export const placeInList = (rows: readonly MonitorRow[]) => (field: string) => {
  const found = /^monitors\[(\d+)\](.*)$/s.exec(field);
  return found ? { row: rows[Number(found[1])], rest: found[2] ?? '' } : null;
};

/** Fields of one row; shared fields keep their names. */
export const placeInOne = (row: MonitorRow) => (field: string) =>
  /^(serverId|monitorId|authProfileId|intervalSeconds)\b/.test(field) ? null : { row, rest: `.${field}` };

/** Reads the interval; an unknown value becomes the form's default. */
export function parseInterval(form: FormData): MonitorInterval {
  const seconds = Number(text(form, 'intervalSeconds'));
  return monitorIntervals.find((each) => each === seconds) ?? 300;
}
