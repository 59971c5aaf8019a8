import type { ReactNode } from 'react';
import { Form, useSubmit } from 'react-router';
import { Button } from './button.tsx';
import { useHydrated } from './hooks/use-hydrated.ts';

/** Filters of a list: a GET form whose fields are the query. With JavaScript a choice applies immediately. */
export function Filters({ children }: { children: ReactNode }) {
  const submit = useSubmit();
  const hydrated = useHydrated();
  return (
    <Form
      method="get"
      role="search"
      className="mb-4 flex flex-wrap items-end gap-3"
      onChange={(event) => {
        if (
          event.target instanceof HTMLSelectElement ||
          (event.target instanceof HTMLInputElement && event.target.type === 'checkbox')
        )
          submit(event.currentTarget, { preventScrollReset: true });
      }}
    >
      {children}
      <Button className={hydrated ? 'sr-only focus:not-sr-only' : ''}>Apply</Button>
    </Form>
  );
}
