import { setTimeout as sleep } from 'node:timers/promises';
import { isTargetError } from '../../../agent/ports.ts';
import { type Quota, readEvents } from './events.ts';
import type { Inbox } from './inbox.ts';
import { isEventStream } from './link.ts';
import { readSome } from './refusal.ts';

/** A server that leaves the GET unanswered must not delay a call for longer. */
const maxWaitMs = 300;

/** The stream by which a server of the older era sends requests that belong to no answer. Servers needn't offer it. */
export function createListener({
  get,
  inbox,
  quota,
  note,
}: {
  get: () => Promise<Response>;
  inbox: Pick<Inbox, 'receiveEvent' | 'addNote'>;
  quota: Quota;
  note: (text: string, error: unknown) => void;
}): { isListening(): Promise<void> } {
  let isOffered = true;
  let ready: Promise<void> | undefined;

  async function read(response: Response): Promise<void> {
    try {
      for await (const event of readEvents(response, { quota })) inbox.receiveEvent(event, null);
    } catch (error) {
      note('the GET stream broke off', error);
      if (!isTargetError(error)) return;
      isOffered = false;
      inbox.addNote(`${error.message} Its GET stream is no longer read.`);
    } finally {
      // It is opened again for the next call.
      ready = undefined;
    }
  }

  async function open(): Promise<void> {
    try {
      const response = await get();
      if (response.ok && isEventStream(response)) return void read(response);
      isOffered = false;
      await readSome(response);
    } catch (error) {
      isOffered = false;
      note('the GET stream could not be opened', error);
    }
  }

  return {
    /** Resolves when the stream is open, or is known not to be, or takes too long to open. */
    isListening() {
      if (!isOffered) return Promise.resolve();
      ready ??= Promise.race([open(), sleep(maxWaitMs)]);
      return ready;
    },
  };
}
