import { PassThrough } from 'node:stream';
import {
  type ActionFunctionArgs,
  type AppLoadContext,
  createReadableStreamFromReadable,
  type EntryContext,
  type LoaderFunctionArgs,
} from '@remix-run/node';
import { RemixServer } from '@remix-run/react';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';
import { NonceContext } from './shell/nonce.tsx';

/** Loaders' promises that pages wait for are given up after this. */
export const streamTimeout = 10_000;

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { nonce, armature, requestId }: AppLoadContext,
): Promise<Response> {
  // Robots, and answers that are errors anyway, get the whole page at once.
  const whole = isbot(request.headers.get('user-agent') ?? '') || status >= 400;
  return new Promise((resolve, reject) => {
    let shellSent = false;
    let answerStatus = status;
    const send = () => {
      shellSent = true;
      const body = new PassThrough();
      headers.set('Content-Type', 'text/html; charset=utf-8');
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status: answerStatus }));
      pipe(body);
    };
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} nonce={nonce} abortDelay={streamTimeout} />
      </NonceContext.Provider>,
      {
        nonce,
        onShellReady: () => (whole ? undefined : send()),
        onAllReady: () => (whole ? send() : undefined),
        onShellError: reject,
        onError(error) {
          answerStatus = 500;
          // Errors of the shell reach handleError by the rejection.
          if (shellSent) armature.log.error({ err: error, requestId }, 'page failed while it was sent');
        },
      },
    );
    setTimeout(abort, streamTimeout + 1000).unref();
  });
}

/** What the loaders' and actions' own handling (handle.server.ts) did not turn into a page. */
export function handleError(error: unknown, { request, context }: LoaderFunctionArgs | ActionFunctionArgs): void {
  if (request.signal.aborted) return;
  context.armature.log.error({ err: error, requestId: context.requestId }, 'page failed');
}
