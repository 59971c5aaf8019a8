import { lazy, Suspense, useEffect, useState } from 'react';
import { useRevalidator, useSubmit } from 'react-router';
import { SessionEnded } from './session-ended.ts';

// Loaded when it is needed.
const SignInDialog = lazy(() => import('./sign-in-dialog.tsx'));

/** When the session has ended, the person signs in where they are. What they were sending is then sent again. */
export function SessionGuard() {
  const [ended, setEnded] = useState<SessionEnded | null>(null);
  const submit = useSubmit();
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const onEnd = (event: Event) => {
      // A form that waits to be sent again isn't replaced by a later reload of data.
      if (event instanceof SessionEnded) setEnded((waiting) => (waiting?.form ? waiting : event));
    };
    window.addEventListener(SessionEnded.type, onEnd);
    return () => window.removeEventListener(SessionEnded.type, onEnd);
  }, []);
  if (!ended) return null;
  const { form, url } = ended;
  return (
    <Suspense>
      <SignInDialog
        sendsForm={form !== null}
        onClose={() => setEnded(null)}
        onSignedIn={() => {
          setEnded(null);
          if (form) submit(form, { method: 'post', action: url.pathname + url.search, preventScrollReset: true });
          else revalidate();
        }}
      />
    </Suspense>
  );
}
