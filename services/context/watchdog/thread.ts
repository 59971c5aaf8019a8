/** The thread that watches whether the main thread still answers. It writes the log itself: the main thread can't. */
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { isMainThread, workerData } from 'node:worker_threads';
import { createLogger } from '../../../infra/logger/index.ts';
import { maxMissed, type Watched } from './index.ts';

const waitForStackMs = 1000;

function watch({ beats, seconds, process: name, logLevel }: Watched): void {
  const count = new Int32Array(beats);
  // Written at once: what is still buffered is lost with the process.
  const log = createLogger({ level: logLevel, process: name, to: { write: (line) => writeSync(1, line) } });
  let last = 0;
  let missed = 0;
  // Looks are counted, not time: after a sleep of the machine, or a stop of the process, only one of them was missed.
  const look = setInterval(
    () => {
      const now = Atomics.load(count, 0);
      missed = now === last ? missed + 1 : 0;
      last = now;
      if (missed < maxMissed) return;
      clearInterval(look);
      findPlace((at) => {
        try {
          log.fatal(
            { seconds, at },
            `the process did not respond for ${seconds} seconds (ARMATURE_WATCHDOG_SECONDS) and ends, to be started anew`,
          );
        } finally {
          process.kill(process.pid, 'SIGKILL');
        }
      });
    },
    (seconds * 1000) / maxMissed,
  );
}

/** Tells what the main thread is doing, as lines of its stack, or why that is not known. */
function findPlace(done: (at: string[] | string) => void): void {
  // Code that never looks for interrupts, such as a native module, can't be stopped.
  const timer = setTimeout(() => done('unknown: the code that runs can not be interrupted'), waitForStackMs);
  const tell = (at: string[] | string) => {
    clearTimeout(timer);
    done(at);
  };
  try {
    const session = new Session();
    session.connectToMainThread();
    const files = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
    session.on('Debugger.paused', ({ params }) =>
      tell(
        params.callFrames
          .slice(0, 10)
          .map(
            ({ functionName, location: { scriptId, lineNumber } }) =>
              `${functionName || 'anonymous'} (${files.get(scriptId) ?? ''}:${lineNumber + 1})`,
          ),
      ),
    );
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  } catch (error) {
    tell(`unknown: ${String(error)}`);
  }
}

// Only startWatchdog starts it as a thread, with what it watches.
if (!isMainThread) watch(workerData);
