import { Ellipsis } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { buttonClass } from '../base/button.tsx';

/**
 * The "…" menu: quiet and dangerous actions of a page or row. Its children are `MenuLink`, and forms with `MenuButton`.
 * It is a popover of the browser, which works without JavaScript, closes by Escape and returns the focus.
 * @param props.isWord whether its button shows the label instead of "…". @default false
 */
export function Menu({ label, isWord = false, children }: { label: string; isWord?: boolean; children: ReactNode }) {
  const id = useId();
  const anchor = `--menu-${id.replace(/\W/g, '')}`;
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        {...(isWord ? {} : { 'aria-label': label, title: label })}
        style={{ anchorName: anchor }}
        className={
          isWord
            ? `${buttonClass('quiet')} cursor-pointer`
            : 'relative z-10 grid size-11 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink md:size-8'
        }
      >
        {isWord ? label : <Ellipsis aria-hidden="true" className="size-4" />}
      </button>
      <div
        id={id}
        popover="auto"
        style={{ positionAnchor: anchor }}
        className="menu min-w-44 rounded-lg border border-line bg-surface p-1 text-ink shadow-lg"
      >
        {children}
      </div>
    </>
  );
}

/** Class of the links and buttons of a menu. */
export const menuItemClass =
  'flex min-h-11 w-full cursor-pointer items-center gap-2 rounded-md px-2 text-left text-sm no-underline hover:bg-sunken md:min-h-8';
export const dangerItemClass = `${menuItemClass} text-fail`;
