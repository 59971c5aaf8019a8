import { type ReactNode, useId } from 'react';
import { Form } from 'react-router';
import { Button } from '../base/button.tsx';
import { TextField } from '../form/field.tsx';

/** In patterns with the flag `v`, which browsers use. */
const literal = (text: string) => text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');

/**
 * A button that asks before its form is sent. The question is a dialog of the browser: it works without JavaScript,
 * keeps the focus inside, closes by Escape and returns the focus.
 * @param props.trigger word and look of the button that asks
 * @param props.typedName for deletion: the name that has to be typed, sent as `confirm`; the action compares it, too
 * @param props.fields hidden fields of the form, such as `intent`
 * @param props.problem why the last try was refused
 */
export function ConfirmDialog({
  trigger,
  title,
  children,
  confirm,
  typedName,
  fields,
  action,
}: {
  trigger: { text: ReactNode; className?: string };
  title: string;
  children: ReactNode;
  /** "Delete server" */
  confirm: string;
  typedName?: string;
  fields: { [name: string]: string };
  action?: string;
}) {
  const id = useId();
  return (
    <>
      <Button
        type="button"
        variant="danger"
        {...{ command: 'show-modal', commandfor: id }}
        {...(trigger.className && { unstyled: trigger.className })}
      >
        {trigger.text}
      </Button>
      <dialog
        id={id}
        aria-labelledby={`${id}-title`}
        className="m-auto w-full max-w-md rounded-lg border border-line bg-surface p-6 text-left text-ink shadow-xl backdrop:bg-black/40"
      >
        <h2 id={`${id}-title`} className="text-base font-semibold">
          {title}
        </h2>
        <div className="mt-2 text-sm text-muted">{children}</div>
        <Form method="post" {...(action && { action })} className="mt-4 space-y-4">
          {Object.entries(fields).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {typedName ? (
            <TextField
              label={
                <>
                  Type <b className="font-semibold [overflow-wrap:anywhere]">{typedName}</b> to confirm
                </>
              }
              name="confirm"
              autoComplete="off"
              required
              pattern={literal(typedName)}
              title={`Type exactly: ${typedName}`}
            />
          ) : null}
          <div className="flex justify-end gap-2">
            <Button type="button" {...{ command: 'close', commandfor: id }}>
              Cancel
            </Button>
            <Button variant="danger">{confirm}</Button>
          </div>
        </Form>
      </dialog>
    </>
  );
}
