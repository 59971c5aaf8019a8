import { useNavigation } from 'react-router';

/** A line at the top while a page loads or a form is submitted. */
export function NavigationProgress() {
  const { state } = useNavigation();
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 top-0 z-50 h-0.5">
      {state === 'idle' ? null : (
        <>
          <span className="sr-only">Loading</span>
          <div className="h-full animate-pulse bg-accent" />
        </>
      )}
    </div>
  );
}
