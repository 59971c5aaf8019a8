import type { MouseEvent } from 'react';
import { Button } from '../../../ui/base/button.tsx';
import { findNextTries, type NextTry } from './find-next-tries.ts';

/** What to do after a failed test: the likely remedies as buttons, and saving the server as it is. */
export function NextTries({
  failure,
  given,
  isBusy,
  onTry,
}: {
  failure: Parameters<typeof findNextTries>[0];
  /** What was tested. */
  given: Parameters<typeof findNextTries>[1];
  isBusy: boolean;
  onTry: (event: MouseEvent<HTMLButtonElement>, next: NextTry) => void;
}) {
  return (
    <div className="flex flex-wrap gap-2">
      {findNextTries(failure, given).map((next) => (
        <Button
          key={next.text}
          name="intent"
          value={`try|${next.field}|${next.value}`}
          disabled={isBusy}
          onClick={(event) => onTry(event, next)}
        >
          {next.text}
        </Button>
      ))}
      <Button variant="quiet" name="intent" value="save-anyway" disabled={isBusy}>
        Save anyway
      </Button>
    </div>
  );
}
