import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Form, useLocation, useNavigate, useNavigation, useNavigationType, useSearchParams } from 'react-router';
import { Button } from '../base/button.tsx';
import { Link } from '../page/link.tsx';
import { Combobox, type ComboboxOption } from './combobox.tsx';
import { Field, inputClass } from './field.tsx';
import { toQuery } from './query.ts';
import { useShown } from './use-shown.ts';

export type Filter =
  | { kind: 'select'; name: string; label: string; options: { value: string; text: string }[]; any?: string }
  /** Text that is searched for as one types. */
  | { kind: 'search'; name: string; label: string; placeholder?: string }
  /** A day: `?name=2026-12-01`. */
  | { kind: 'date'; name: string; label: string }
  /** A checkbox: `?name=1`. */
  | { kind: 'flag'; name: string; label: string }
  /** One of more than 20, searched on the server (form/combobox.tsx). */
  | { kind: 'choice'; name: string; label: string; options: ComboboxOption[]; searchAt?: string };

/**
 * The filters of a list. The address has their values: back and forward restore them. A choice applies immediately and
 * is one step of the history, however many keys it took; nothing empty is in the address. Without JavaScript there is
 * a button.
 *
 * ```tsx
 * <FilterBar filters={[
 *   { kind: 'search', name: 'search', label: 'Search' },
 *   { kind: 'select', name: 'status', label: 'Status', options: [{ value: 'fail', text: 'Fail' }] },
 * ]} />
 * ```
 * @param props.children more of the bar, such as the number of results
 */
export function FilterBar({ filters, children }: { filters: Filter[]; children?: ReactNode }) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const { state, location: pending } = useNavigation();
  const { pathname, key } = useLocation();
  // The first change since a field got the focus is a step of the history; those after it replace it once it is there.
  // The address decides: what is rendered may be behind it, and typing interrupts steps that are still loading.
  const sinceFocus = useRef(new Set<string>());
  // A filter whose page still loads is shown as chosen, and counts so.
  const chosen = pending?.pathname === pathname ? new URLSearchParams(pending.search) : search;
  // What was chosen last counts also before that is rendered.
  const latest = useRef<URLSearchParams | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: until the router is somewhere else.
  useEffect(() => {
    latest.current = null;
  }, [key]);
  const apply = (values: { [name: string]: string }) => {
    const next = toQuery(latest.current ?? chosen, values);
    latest.current = next;
    const query = next.toString();
    const replace = sinceFocus.current.has(window.location.search.slice(1));
    sinceFocus.current.add(query);
    navigate({ search: query }, { preventScrollReset: true, replace });
  };
  const form = useRef<HTMLFormElement>(null);
  const valuesOf = (of: HTMLFormElement) => {
    const data = new FormData(of);
    return Object.fromEntries(filters.map(({ name }) => [name, `${data.get(name) ?? ''}`]));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen before the page answered counts, once.
  useEffect(() => {
    if (!form.current) return;
    const early = valuesOf(form.current);
    if (filters.some(({ name }) => early[name] !== (search.get(name) ?? ''))) apply(early);
  }, []);
  const isFiltered = filters.some(({ name }) => search.get(name));
  return (
    <Form
      ref={form}
      method="get"
      role="search"
      autoComplete="off"
      aria-busy={state !== 'idle'}
      className="mb-4 flex flex-wrap items-end gap-3"
      onFocus={() => {
        sinceFocus.current.clear();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        apply(valuesOf(event.currentTarget));
      }}
    >
      {/* What the address has beside the filters stays without JavaScript, too. */}
      {[...search]
        .filter(([name]) => name !== 'cursor' && !filters.some((filter) => filter.name === name))
        .map(([name, value]) => (
          <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
        ))}
      {filters.map((filter) => (
        <FilterField
          key={filter.name}
          filter={filter}
          value={chosen.get(filter.name) ?? ''}
          onChange={(value) => apply({ [filter.name]: value })}
        />
      ))}
      <noscript>
        <Button>Apply</Button>
      </noscript>
      {isFiltered ? (
        <Link
          onClick={() => {
            latest.current = null;
          }}
          to={`?${toQuery(search, Object.fromEntries(filters.map(({ name }) => [name, ''])))}`}
          className="inline-flex min-h-11 items-center text-sm text-muted hover:text-ink md:min-h-8"
        >
          Clear filters
        </Link>
      ) : null}
      {children}
    </Form>
  );
}

function FilterField({
  filter,
  value,
  onChange,
}: {
  filter: Filter;
  value: string;
  onChange: (value: string) => void;
}) {
  const { name, label } = filter;
  const select = useShown<HTMLSelectElement>(value);
  const input = useShown<HTMLInputElement>(value);
  switch (filter.kind) {
    case 'search':
      return <SearchField {...filter} value={value} onChange={onChange} />;
    case 'date':
      return (
        <Field
          label={label}
          control={(wired) => (
            <input
              {...wired}
              ref={input}
              type="date"
              name={name}
              defaultValue={value}
              onChange={(event) => onChange(event.target.value)}
              className={inputClass}
            />
          )}
        />
      );
    case 'flag':
      return (
        <label className="flex min-h-11 items-center gap-2 text-sm md:min-h-8">
          <input
            ref={input}
            type="checkbox"
            name={name}
            value="1"
            defaultChecked={value === '1'}
            onChange={(event) => onChange(event.target.checked ? '1' : '')}
            className="size-4"
          />
          {label}
        </label>
      );
    case 'choice':
      return (
        <div className="w-full sm:w-56">
          <Combobox
            label={label}
            name={name}
            options={filter.options}
            value={value}
            onChange={onChange}
            {...(filter.searchAt && { searchAt: filter.searchAt })}
          />
        </div>
      );
    case 'select':
      return (
        <div className="min-w-32 flex-1 sm:max-w-56 sm:flex-none">
          <Field
            label={label}
            control={(wired) => (
              <select
                {...wired}
                ref={select}
                name={name}
                defaultValue={value}
                onChange={(event) => onChange(event.target.value)}
                className={inputClass}
              >
                <option value="">{filter.any ?? 'Any'}</option>
                {filter.options.map((option) => (
                  <option key={option.value} value={option.value}>
                    {option.text}
                  </option>
                ))}
              </select>
            )}
          />
        </div>
      );
  }
}

/** Shows what is typed immediately, and the address's text again when that changes by other means. */
function SearchField({
  name,
  label,
  placeholder,
  value,
  onChange,
}: {
  name: string;
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  const { key } = useLocation();
  const isBackOrForward = useNavigationType() === 'POP';
  // Answers to earlier letters arrive while the next ones are typed.
  const sent = useRef(new Set([value]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: going back and forth between equal texts counts as well.
  useEffect(() => {
    if (isBackOrForward || !sent.current.has(value)) setTyped(value);
  }, [value, key, isBackOrForward]);
  return (
    <div className="min-w-40 flex-1 sm:max-w-64">
      <Field
        label={label}
        control={(wired) => (
          <input
            {...wired}
            type="search"
            name={name}
            value={typed}
            placeholder={placeholder}
            maxLength={200}
            onChange={(event) => {
              setTyped(event.target.value);
              sent.current.add(event.target.value);
              onChange(event.target.value);
            }}
            className={inputClass}
          />
        )}
      />
    </div>
  );
}
