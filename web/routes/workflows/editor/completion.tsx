import { type KeyboardEvent, type ReactNode, type RefObject, useId, useState } from 'react';
import { setValue } from './set-value.ts';

export type Suggestion = { insert: string; label: string; note?: string };
/** What completes the text before the caret: from which place on, and with what. Null: nothing. */
export type Complete = (before: string) => { from: number; suggestions: Suggestion[] } | null;

type TextControl = HTMLInputElement | HTMLTextAreaElement;
const maxShown = 8;

/**
 * Suggestions below a text field, by the text before its caret: Down and Up choose, Enter or Tab takes one, Escape
 * closes them. Spread `wired` on the field and put `list` after it.
 */
export function useCompletion(field: RefObject<TextControl | null>, complete: Complete) {
  const id = useId();
  const [open, setOpen] = useState<{ from: number; to: number; suggestions: Suggestion[] } | null>(null);
  const [active, setActive] = useState(0);
  const close = () => setOpen(null);
  const look = () => {
    const to = field.current?.selectionStart ?? 0;
    const found = field.current ? complete(field.current.value.slice(0, to)) : null;
    setActive(0);
    setOpen((last) => {
      if (found && found.suggestions.length > 0)
        return { from: found.from, to, suggestions: found.suggestions.slice(0, maxShown) };
      return last === null ? last : null;
    });
  };
  const take = (suggestion: Suggestion | undefined) => {
    if (!field.current || !open || !suggestion) return;
    const { value } = field.current;
    const head = value.slice(0, open.from) + suggestion.insert;
    // A closing backtick that is there already is not written twice.
    const tail = value.slice(open.to).replace(suggestion.insert.endsWith('`') ? /^`/ : /^(?!)/, '');
    setValue(field.current, head + tail);
    field.current.setSelectionRange(head.length, head.length);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const count = open.suggestions.length;
    if (event.key === 'ArrowDown') setActive((active + 1) % count);
    else if (event.key === 'ArrowUp') setActive((active + count - 1) % count);
    else if (event.key === 'Enter' || event.key === 'Tab') take(open.suggestions[active]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const list: ReactNode = (
    <div className="relative">
      <div
        id={id}
        role="listbox"
        aria-label="Suggestions"
        hidden={open === null}
        className="absolute inset-x-0 top-1 z-40 max-h-72 max-w-xl overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-lg"
      >
        {(open?.suggestions ?? []).map((suggestion, index) => (
          <div
            key={suggestion.label}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // Before the field loses the focus, which closes the list.
            onPointerDown={(event) => {
              event.preventDefault();
              take(suggestion);
            }}
            className={`flex min-h-11 cursor-pointer flex-wrap items-baseline gap-x-2 rounded-md px-2 py-1 text-sm [overflow-wrap:anywhere] md:min-h-8 ${index === active ? 'bg-sunken' : ''}`}
          >
            <code className="font-mono text-code">{suggestion.label}</code>
            {suggestion.note ? <span className="line-clamp-1 text-muted text-xs">{suggestion.note}</span> : null}
          </div>
        ))}
      </div>
      <span role="status" className="sr-only">
        {open ? `${open.suggestions.length} suggestions` : ''}
      </span>
    </div>
  );
  return {
    isOpen: open !== null,
    list,
    wired: {
      autoComplete: 'off',
      'aria-autocomplete': 'list' as const,
      'aria-controls': id,
      'aria-activedescendant': open ? `${id}-${active}` : undefined,
      onInput: look,
      onClick: look,
      onBlur: close,
      onKeyDown,
    },
  };
}
