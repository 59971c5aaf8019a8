import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { Link } from '../page/link.tsx';

/** React warns of layout effects on the server. */
const useBeforePaint = typeof document === 'undefined' ? () => {} : useLayoutEffect;

/**
 * What a row of a list leads to, beside the list: a dialog at the right that has an address of its own. Escape, a click
 * outside and the cross lead back, and the focus returns to the row. Without JavaScript the cross is a link.
 * @param props.closeTo address of the list, relative to the page
 */
export function Drawer({
  title,
  status,
  closeTo,
  children,
}: {
  title: ReactNode;
  status?: ReactNode;
  closeTo: string;
  children: ReactNode;
}) {
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const navigate = useNavigate();
  const close = () => void navigate(closeTo, { preventScrollReset: true });
  useBeforePaint(() => {
    const dialog = box.current;
    // It was sent open, as it stays without scripts. With them nothing behind it can be reached.
    dialog?.close();
    dialog?.showModal();
    heading.current?.focus();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same.
    <dialog
      ref={box}
      open
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
      className="fixed inset-y-0 right-0 left-auto z-50 m-0 h-dvh max-h-none w-[min(44rem,100vw)] max-w-none overflow-y-auto border-line border-l bg-surface text-ink shadow-xl backdrop:bg-black/40"
    >
      <div className="sticky top-0 z-10 flex items-start gap-3 border-line border-b bg-surface px-4 py-3 md:px-6">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1 py-1">
          <h2
            ref={heading}
            id={id}
            tabIndex={-1}
            className="min-w-0 font-semibold text-base outline-none [overflow-wrap:anywhere]"
          >
            {title}
          </h2>
          {status}
        </div>
        <Link
          to={closeTo}
          preventScrollReset
          aria-label="Close"
          title="Close"
          className="grid size-11 shrink-0 place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink md:size-8"
        >
          <X aria-hidden="true" className="size-4" />
        </Link>
      </div>
      <div className="space-y-6 p-4 md:p-6">{children}</div>
    </dialog>
  );
}
