import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

/**
 * A modal dialog, open as long as it is rendered. The browser keeps the focus in it, and afterwards gives it back to
 * where it was. What has `data-focus-first` gets it at first.
 */
export function Dialog({
  title,
  isTitleHidden = false,
  onClose,
  className = 'my-auto w-[min(28rem,calc(100vw-2rem))] p-4',
  children,
}: {
  title: string;
  /** For screen readers alone. @default false */
  isTitleHidden?: boolean;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}) {
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    // Otherwise the first thing that can have the focus gets it.
    dialog?.querySelector<HTMLElement>('[data-focus-first]')?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={`mx-auto rounded-lg border border-line bg-surface text-ink shadow-xl backdrop:bg-black/40 ${className}`}
    >
      <h2 id={id} className={isTitleHidden ? 'sr-only' : 'font-semibold text-base'}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}
