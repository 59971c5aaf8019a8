import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Form, useNavigation } from 'react-router';
import { useFormat } from '../../shell/reader-provider.tsx';
import { useHydrated } from '../hooks/use-hydrated.ts';
import { aboveRow } from './data-table.tsx';

/**
 * The form around a list whose rows can be marked, with what can be done to the marked ones. Without JavaScript the
 * buttons are always there.
 *
 * ```tsx
 * <BulkForm noun="workflow" answer={answer} actions={<Button name="intent" value="pause">Pause</Button>}>
 *   <DataTable … cell: ({ id, name }) => <RowCheckbox name="workflow" value={id} label={name} />
 * </BulkForm>
 * ```
 * @param props.noun what a row is, for the count
 * @param props.answer of the last form: a new one takes the marks away
 * @param props.actions buttons with `name="intent"`. Enter in a field among them presses the first
 */
export function BulkForm({
  noun,
  answer,
  actions,
  children,
}: {
  noun: string;
  answer: unknown;
  actions: ReactNode;
  children: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const [marked, setMarked] = useState({ count: 0, isAll: false });
  const format = useFormat();
  const hydrated = useHydrated();
  const isBusy = useNavigation().state === 'submitting';
  const boxes = () => [...(form.current?.querySelectorAll<HTMLInputElement>('input[data-row]') ?? [])];
  const count = () => {
    const all = boxes();
    const count = all.filter(({ checked }) => checked).length;
    const isAll = count > 0 && count === all.length;
    setMarked((last) => (last.count === count && last.isAll === isAll ? last : { count, isAll }));
  };
  // Rows come and go, and the browser restores marks.
  useEffect(count);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is of a form that was sent.
  useEffect(() => {
    // A reset of the form would leave React with the old marks: it reports no change to what it believes is there.
    for (const box of boxes()) box.checked = false;
    count();
  }, [answer]);
  return (
    <Form
      method="post"
      ref={form}
      onChange={count}
      onKeyDown={(event) => {
        // It would send the form.
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement && event.target.type === 'checkbox')
          event.preventDefault();
      }}
    >
      <div className="sticky top-0 z-30 flex min-h-12 flex-wrap items-center gap-2 rounded-t-lg border-line border-b bg-surface px-4 py-1">
        <label className="with-scripts mr-2 flex min-h-11 items-center gap-3 text-muted text-sm md:min-h-8">
          <input
            type="checkbox"
            aria-label="Select all on this page"
            className="size-4"
            checked={marked.isAll}
            onChange={(event) => {
              for (const box of boxes()) box.checked = event.target.checked;
            }}
          />
          <span role="status">{marked.count > 0 ? `${format.count(marked.count, noun)} selected` : 'Select all'}</span>
        </label>
        <fieldset
          disabled={isBusy}
          hidden={hydrated && marked.count === 0}
          aria-label={`With the selected ${noun}s`}
          className="flex flex-wrap items-center gap-1 [&[hidden]]:hidden"
        >
          {actions}
        </fieldset>
      </div>
      {children}
    </Form>
  );
}

/** Marks a row of a `BulkForm`. @param props.label what the row is called */
export function RowCheckbox({ name, value, label }: { name: string; value: string; label: string }) {
  return (
    // The label is the target; what it is called is said by the checkbox.
    <label className={`${aboveRow} -my-2 -ml-3 grid size-11 cursor-pointer place-items-center md:-ml-2 md:size-8`}>
      <input type="checkbox" name={name} value={value} data-row aria-label={`Select ${label}`} className="size-4" />
    </label>
  );
}
