import { useEffect, useState } from 'react';
import { Form } from 'react-router';
import { Button } from '../base/button.tsx';

const shownMs = 10_000;

/**
 * Says what was just done, and takes it back for 10 seconds; longer while it has the pointer or the focus. Without
 * JavaScript it stays until the next page. Give it a new `key` for each event.
 * @param props.undo the form that takes it back: its fields, and where it is sent if not to this page
 */
export function Toast({
  message,
  undo,
}: {
  message: string;
  undo?: { fields: { [name: string]: string }; action?: string };
}) {
  const [isHeld, setHeld] = useState(false);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => setOver(true), shownMs);
    return () => clearTimeout(timer);
  }, [isHeld]);
  if (isOver) return null;
  return (
    <div
      role="status"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="fixed inset-x-4 bottom-4 z-50 mx-auto flex max-w-md items-center justify-between gap-4 rounded-lg border border-line bg-surface px-4 py-2 text-sm shadow-lg"
    >
      <span className="min-w-0 [overflow-wrap:anywhere]">{message}</span>
      {undo ? (
        <Form method="post" {...(undo.action && { action: undo.action })}>
          {Object.entries(undo.fields).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <Button variant="quiet">Undo</Button>
        </Form>
      ) : null}
    </div>
  );
}
