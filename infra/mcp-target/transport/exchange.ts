import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/client';
import { TargetError } from '../error.ts';
import { type Asked, inputFailure, rpcFailure } from '../failure.ts';
import type { Evidence } from './evidence.ts';
import { describeRequest, type Received } from './message.ts';

/** A request that waits for its answer. */
export type Exchange = {
  id: string | number;
  asked: Asked;
  evidence: Evidence;
  /** Fulfilled by the answer, a correct one; rejected by everything that makes one impossible. */
  settled: Promise<void>;
  isSettled(): boolean;
  /** Ends its HTTP exchange. Aborts by itself when it fails or is canceled. */
  controller: AbortController;
  answer(message: JSONRPCMessage): void;
  fail(error: unknown): void;
  /** An error without an id that came on its stream: the answer, if none follows. */
  orphan?: { code?: number; message: string };
};

export function createExchange(
  message: JSONRPCRequest,
  {
    asked,
    evidence,
    deliver,
  }: Pick<Exchange, 'evidence'> & {
    asked: Omit<Asked, 'method' | 'asked'>;
    deliver: (message: JSONRPCMessage) => void;
  },
  onSettled: () => void,
): Exchange {
  const { id, method } = message;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const controller = new AbortController();
  let isSettled = false;
  const settle = (): boolean => {
    if (isSettled) return false;
    isSettled = true;
    onSettled();
    return true;
  };
  return {
    id,
    asked: { ...asked, method, asked: describeRequest(message) },
    evidence,
    settled: promise,
    isSettled: () => isSettled,
    controller,
    answer(answer) {
      if (!settle()) return;
      deliver(answer);
      resolve();
    },
    fail(error) {
      if (!settle()) return;
      reject(error);
      controller.abort(error);
    },
  };
}

/** Settles a request with what the server answered to it. @param text that contained the answer */
export function conclude(
  exchange: Exchange,
  received: Extract<Received, { kind: 'result' | 'error' | 'malformed' }>,
  text: string,
): void {
  const { asked, evidence, id } = exchange;
  if (received.kind === 'error') exchange.fail(rpcFailure(received, asked));
  else if (received.kind === 'malformed') {
    const kind = received.isResult ? 'malformed_result' : asked.connecting ? 'not_mcp' : 'protocol_error';
    exchange.fail(new TargetError(kind, `${asked.host} answered ${asked.asked} incorrectly: ${received.problem}.`));
  } else {
    evidence.received = { result: received.result, text };
    const refused = refuse(received.result, exchange);
    if (refused) exchange.fail(refused);
    else exchange.answer({ jsonrpc: '2.0', id, result: received.result });
  }
}

/** Answers that say that there is no result yet. */
function refuse(result: { [member: string]: unknown }, { asked, evidence }: Exchange): TargetError | null {
  const { resultType, inputRequests, task, content } = result;
  if (resultType === 'input_required') {
    const requests = typeof inputRequests === 'object' && inputRequests !== null ? Object.values(inputRequests) : [];
    for (const each of requests)
      if (typeof each === 'object' && each !== null && 'method' in each && typeof each.method === 'string')
        evidence.addRequest(each.method);
    return inputFailure(asked, evidence.requests());
  }
  if (asked.method === 'tools/call' && typeof task === 'object' && task !== null && content === undefined) {
    return new TargetError(
      'malformed_result',
      `${asked.host} answered ${asked.asked} with a task instead of a result, although none was requested.`,
    );
  }
  return null;
}
