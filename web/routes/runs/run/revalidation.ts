import type { ShouldRevalidateFunctionArgs } from 'react-router';

/** The content of a step is loaded on its own: to choose one loads nothing else. */
export function shouldRevalidateRun({
  currentUrl,
  nextUrl,
  formMethod,
  defaultShouldRevalidate,
}: ShouldRevalidateFunctionArgs): boolean {
  const isInspecting =
    formMethod === undefined &&
    currentUrl.pathname === nextUrl.pathname &&
    currentUrl.searchParams.get('step') !== nextUrl.searchParams.get('step');
  return !isInspecting && defaultShouldRevalidate;
}
