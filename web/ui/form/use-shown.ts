import { type RefObject, useEffect, useRef } from 'react';

/**
 * For a select, checkbox or date whose value lives elsewhere: give it the ref and `defaultValue`. It shows each new
 * value; what somebody chooses while the page is still getting ready stays chosen. React would set a controlled one
 * back to what the server rendered, between the browser's `input` and `change`.
 * @param value of a checkbox: `1` or empty
 */
export function useShown<T extends HTMLSelectElement | HTMLInputElement>(value: string): RefObject<T | null> {
  const control = useRef<T>(null);
  const shown = useRef(value);
  useEffect(() => {
    const element = control.current;
    if (shown.current === value) return;
    shown.current = value;
    if (element instanceof HTMLInputElement && element.type === 'checkbox') element.checked = value === '1';
    else if (element) element.value = value;
  }, [value]);
  return control;
}
