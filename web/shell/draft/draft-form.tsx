import { Form, type FormProps } from 'react-router';
import { Button } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import type { Draft } from './use-draft.ts';

/** A form whose content is a draft until it is saved. Asks before the page is left. */
export function DraftForm({ draft, children, ...rest }: FormProps & { draft: Draft }) {
  const { version, form, blocker, onBegin, onEdit, onSubmit } = draft.wired;
  return (
    <>
      <Form
        method="post"
        noValidate
        {...rest}
        key={version}
        ref={form}
        // What is saved is read before the first change, which a focus or a press comes before.
        onFocusCapture={onBegin}
        onPointerDownCapture={onBegin}
        onInput={onEdit}
        onChange={onEdit}
        // Buttons may add and remove fields.
        onClick={onEdit}
        onSubmit={onSubmit}
      >
        {draft.restoredAt === null ? null : (
          <Notice title="Your unsaved changes are back.">
            You typed them <Time at={draft.restoredAt} relative />.{' '}
            <Button type="button" variant="plain" onClick={draft.discard}>
              Discard changes
            </Button>
          </Notice>
        )}
        {children}
      </Form>
      {blocker.state === 'blocked' ? (
        <Dialog title="Leave without saving?" onClose={blocker.reset}>
          <p className="mt-2 text-muted">Your changes are not saved. This tab keeps them until you come back.</p>
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <Button type="button" onClick={blocker.proceed}>
              Leave
            </Button>
            <Button type="button" variant="primary" onClick={blocker.reset} data-focus-first>
              Stay
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
