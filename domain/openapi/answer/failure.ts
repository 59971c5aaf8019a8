import { failure, type ToolAnswer } from './content.ts';

/** How Armature names what the caller's credential is in, such as `the Authorization header`. */
export type FailureContext = { credential: string };

const names: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [412, 'Precondition Failed'],
  [413, 'Content Too Large'],
  [415, 'Unsupported Media Type'],
  [422, 'Unprocessable Content'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);

const statusText = (status: number): string =>
  [status, names.get(status)].filter((each) => each !== undefined).join(' ');

/** What a status says, and what to do. Null for one that is no failure. */
export function explainStatus(
  status: number,
  headers: ReadonlyMap<string, string>,
  { credential }: FailureContext,
): string | null {
  if (status >= 200 && status < 300) return null;
  const shown = statusText(status);
  const wait = headers.get('retry-after');
  const again =
    wait && /^[\w ,:+-]{1,40}$/.test(wait) ? ` Try again after: ${wait}${/^\d+$/.test(wait) ? ' seconds' : ''}.` : '';
  if (status < 300) return `The API answered ${shown}, which is no final answer. Try again later.`;
  if (status < 400)
    return `The API answered ${shown}: it redirects to another address, which was not followed. Tell the publisher of this server.`;
  if (status === 401)
    return `The API answered ${shown}: it doesn't accept the credential in ${credential}. Check that it is valid and complete.`;
  if (status === 403)
    return `The API answered ${shown}: the credential in ${credential} may not do this. Use one with more rights, or another operation.`;
  if (status === 429) return `The API answered ${shown}.${again || ' Wait before you call again.'}`;
  if (status < 500) return `The API answered ${shown}. Correct the arguments by what it says.`;
  return `The API failed with ${shown}. This is the API's fault, not that of the arguments.${again || ' Try again later.'}`;
}

/** Why no answer of the API came. */
export type NoAnswer =
  | { kind: 'timeout'; seconds: number; changes: boolean }
  | { kind: 'unreachable' }
  | { kind: 'interrupted'; changes: boolean }
  | { kind: 'too_large'; megabytes: number };

export function explainNoAnswer(why: NoAnswer): ToolAnswer {
  const maybe = 'changes' in why && why.changes ? ' It may have been carried out: check before you call again.' : '';
  switch (why.kind) {
    case 'timeout':
      return failure(`The API didn't answer within ${why.seconds} seconds.${maybe || ' Try again, or ask for less.'}`);
    case 'unreachable':
      return failure('The API can’t be reached. Nothing was carried out. Try again later.');
    case 'interrupted':
      return failure(`The connection to the API broke before its answer was complete.${maybe || ' Try again.'}`);
    case 'too_large':
      return failure(`The answer of the API has more than ${why.megabytes} MB. Ask for less, such as a shorter page.`);
  }
}
