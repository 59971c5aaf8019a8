import { type KeyboardEvent, useId, useState } from 'react';
import { useFetcher } from 'react-router';
import { useHydrated } from '../hooks/use-hydrated.ts';
import { Field, inputClass } from './field.tsx';
import { useShown } from './use-shown.ts';

export type ComboboxOption = { value: string; text: string; note?: string };

/** Up to here a `<select>` is quicker for everybody. */
const maxSelectOptions = 20;

type Props = {
  label: string;
  name: string;
  /** All of them, or where there are more, the first and the chosen one. */
  options: ComboboxOption[];
  /** Path of a route whose loader answers `{ options }` for `?q=`, where `options` isn't all. */
  searchAt?: string;
  value?: string;
  defaultValue?: string;
  /** `text`: of the chosen option. */
  onChange?: (value: string, text: string) => void;
  /** What no choice is called. @default 'Any' */
  any?: string;
  hint?: string;
  problem?: string | undefined;
};

/**
 * One of many, sent as `name`. Up to 20 options, and without JavaScript, it is a select; beyond, one types to search,
 * with `searchAt` on the server.
 */
export function Combobox(props: Props) {
  const { label, name, options, searchAt, defaultValue = '', onChange, any = 'Any', hint, problem } = props;
  const [own, setOwn] = useState(defaultValue);
  const value = props.value ?? own;
  const choose = (next: string, text: string) => {
    setOwn(next);
    onChange?.(next, text);
  };
  const isLarge = options.length > maxSelectOptions || searchAt !== undefined;
  const hydrated = useHydrated();
  const select = useShown<HTMLSelectElement>(value);
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(wired) =>
        isLarge && hydrated ? (
          <Search
            wired={wired}
            name={name}
            options={options}
            searchAt={searchAt}
            value={value}
            choose={choose}
            any={any}
          />
        ) : (
          <select
            {...wired}
            ref={select}
            name={name}
            defaultValue={value}
            onChange={({ target }) => choose(target.value, target.selectedOptions[0]?.text ?? '')}
            className={inputClass}
          >
            <option value="">{any}</option>
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.text}
              </option>
            ))}
          </select>
        )
      }
    />
  );
}

function Search({
  wired,
  name,
  options,
  searchAt,
  value,
  choose,
  any,
}: {
  wired: { id: string };
  name: string;
  options: ComboboxOption[];
  searchAt: string | undefined;
  value: string;
  choose: (value: string, text: string) => void;
  any: string;
}) {
  const listId = useId();
  const fetcher = useFetcher<{ options: ComboboxOption[] }>();
  // Null while nothing is typed: then the field shows the choice.
  const [typed, setTyped] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const [chosen, setChosen] = useState<ComboboxOption | null>(null);
  const found = searchAt && typed !== null && fetcher.data ? fetcher.data.options : filterBy(options, typed);
  const shown = [...(typed === null ? [{ value: '', text: any }] : []), ...found.slice(0, 50)];
  const known = chosen?.value === value ? chosen : options.find((option) => option.value === value);
  const pick = (option: ComboboxOption | undefined) => {
    if (!option) return;
    setChosen(option);
    choose(option.value, option.text);
    setTyped(null);
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      setActive(isOpen ? (active + step + shown.length) % Math.max(1, shown.length) : 0);
      setOpen(true);
    } else if (event.key === 'Enter' && isOpen) pick(shown[active]);
    else if (event.key === 'Escape' && isOpen) setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <div className="relative">
      <input type="hidden" name={name} value={value} />
      <input
        {...wired}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && shown[active] ? `${listId}-${active}` : undefined}
        placeholder={any}
        value={typed ?? (value === '' ? '' : (known?.text ?? value))}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          setOpen(true);
          setActive(0);
          if (searchAt) fetcher.load(`${searchAt}${searchAt.includes('?') ? '&' : '?'}q=${encodeURIComponent(text)}`);
        }}
        onClick={() => setOpen(true)}
        onFocus={(event) => event.target.select()}
        onBlur={() => {
          setOpen(false);
          setTyped(null);
        }}
        onKeyDown={onKeyDown}
        className={inputClass}
      />
      <div
        id={listId}
        role="listbox"
        aria-label="Options"
        hidden={!isOpen}
        className="absolute inset-x-0 top-full z-40 mt-1 max-h-72 overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-lg"
      >
        {shown.map((option, index) => (
          <div
            key={option.value}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={option.value === value}
            // Before the field loses the focus, which closes the list.
            onPointerDown={(event) => {
              event.preventDefault();
              pick(option);
            }}
            onPointerMove={() => setActive(index)}
            className={`min-h-11 cursor-pointer rounded-md px-2 py-1 text-sm [overflow-wrap:anywhere] md:min-h-8 ${index === active ? 'bg-sunken' : ''}`}
          >
            {option.text}
            {option.note ? <span className="block text-xs text-muted">{option.note}</span> : null}
          </div>
        ))}
        {shown.length === 0 ? (
          <p role="status" className="px-2 py-1 text-sm text-muted">
            {fetcher.state === 'loading' ? 'Searching' : 'Nothing found'}
          </p>
        ) : null}
      </div>
    </div>
  );
}

const filterBy = (options: ComboboxOption[], typed: string | null): ComboboxOption[] =>
  typed === null ? options : options.filter(({ text }) => text.toLowerCase().includes(typed.toLowerCase()));
