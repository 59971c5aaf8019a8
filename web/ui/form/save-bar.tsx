import type { ReactNode } from 'react';
import { useNavigation } from 'react-router';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Button } from '../base/button.tsx';
import { useHydrated } from '../hooks/use-hydrated.ts';

/**
 * At the foot of an editor: "3 unsaved changes · Discard · Save". Without JavaScript it is a Save button.
 * @param props.changes how many fields differ from what is saved: `useDraft` of web/shell/draft counts them
 * @param props.children more ways to save. Enter in a field presses Save
 */
export function SaveBar({
  changes,
  onDiscard,
  save = 'Save',
  children,
}: {
  changes: number;
  onDiscard: () => void;
  save?: string;
  children?: ReactNode;
}) {
  const format = useFormat();
  const hydrated = useHydrated();
  const isSaving = useNavigation().state === 'submitting';
  return (
    <div className="sticky bottom-0 z-30 -mx-4 flex min-h-14 flex-wrap items-center gap-2 border-line border-t bg-surface px-4 py-2 md:mx-0">
      <span role="status" className="flex-1 text-muted text-sm">
        {changes > 0 ? format.count(changes, 'unsaved change') : hydrated ? 'No unsaved changes' : ''}
      </span>
      {changes > 0 ? (
        <Button type="button" variant="quiet" onClick={onDiscard}>
          Discard
        </Button>
      ) : null}
      {/* The first button of a form is the one that Enter presses. */}
      <Button variant="primary" disabled={isSaving} className="order-last">
        {isSaving ? 'Saving …' : save}
      </Button>
      {children}
    </div>
  );
}
