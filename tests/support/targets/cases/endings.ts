import { answer, asEvent, type Case, fails, notify, replyEvents, text } from './case.ts';

const ends = (events: Parameters<typeof replyEvents>[0]): Case['server'] => ({
  on: { 'tools/call': replyEvents(events) },
});
const log = notify('notifications/message', { level: 'error', data: 'Out of memory' });
const cancelled = notify('notifications/cancelled', { requestId: 1, reason: 'Shutting down' });

/** Event streams that end without the answer, and what they said instead. */
export const streamEndings: { [name: string]: Case } = {
  'ends-after-an-error-log': {
    server: ends(() => [notify('notifications/progress', { progress: 1 }), log]),
    call: fails('unreachable', 'tools/call', 'Out of memory'),
    older: 'lists',
  },
  'ends-after-cancelling': {
    server: ends(() => [cancelled]),
    call: fails('unreachable', 'tools/call', 'Shutting down'),
    older: 'lists',
  },
  'answers-in-a-named-event': {
    server: ends(({ message }) => [asEvent(answer(message.id, text('done'))).replace('message', 'result')]),
    call: fails('protocol_error', 'tools/call', 'event named "result"'),
    older: 'lists',
  },
  'web-page-for-events': {
    server: ends(() => ['<html>\n<h1>Bad Gateway</h1>\n</html>\n']),
    call: fails('protocol_error', 'tools/call', '<html>', "isn't part of an event"),
    older: 'lists',
  },
  'json-for-events': {
    server: ends(({ message }) => [JSON.stringify(answer(message.id, text('done')))]),
    call: fails('protocol_error', 'tools/call', 'jsonrpc', "isn't part of an event"),
    older: 'lists',
  },
};
