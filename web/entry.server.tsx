import { PassThrough } from 'node:stream';
import { createReadableStreamFromReadable } from '@react-router/node';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';
import {
  type EntryContext,
  type HandleErrorFunction,
  isRouteErrorResponse,
  type RouterContextProvider,
  ServerRouter,
} from 'react-router';
import { NonceContext } from './shell/nonce.tsx';
import { requestContext } from './shell/request-context.ts';

// Set by the api. The bundle exports it, because a context is one object per copy of its module.
export { requestContext };

/** Milliseconds until promises of loaders that a page streams are aborted. */
export const streamTimeout = 10_000;

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  routerContext: EntryContext,
  context: RouterContextProvider,
): Promise<Response> {
  const { nonce, armature, requestId } = context.get(requestContext);
  // Bots and error pages get the complete page instead of a stream.
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
        <ServerRouter context={routerContext} url={request.url} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        onShellReady: () => (whole ? undefined : send()),
        onAllReady: () => (whole ? send() : undefined),
        onShellError: reject,
        onError(error) {
          answerStatus = 500;
          // Errors before the first byte reject the promise and reach handleError there.
          if (shellSent) armature.log.error({ err: error, requestId }, 'page failed while it was sent');
        },
      },
    );
    setTimeout(abort, streamTimeout + 1000).unref();
  });
}

/**
 * Logs errors of loaders, actions and rendering that shell/route.server.ts didn't turn into a page. What a client
 * causes, such as a method that a page doesn't have, is no error of ours.
 */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  if (request.signal.aborted) return;
  const { armature, requestId } = context.get(requestContext);
  if (isRouteErrorResponse(error) && error.status < 500) {
    armature.log.info({ requestId, status: error.status }, 'page refused');
    return;
  }
  armature.log.error({ err: error, requestId }, 'page failed');
};
