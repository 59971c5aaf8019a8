import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs code in a process of its own that is watched. */
const runWatched = (code: string, seconds: number): Promise<{ signal: string | null; output: string }> =>
  new Promise((resolve) => {
    const url = JSON.stringify(new URL('./index.ts', import.meta.url).href);
    const start = `const { startWatchdog } = await import(${url});
      const watchdog = startWatchdog({ seconds: ${seconds}, process: 'worker', logLevel: 'info' });`;
    execFile(process.execPath, ['--input-type=module', '-e', `${start}\n${code}`], (error, stdout, stderr) =>
      resolve({ signal: error?.signal ?? null, output: stdout + stderr }),
    );
  });

test('a process whose event loop is blocked ends itself and says where it hangs', async () => {
  const { signal, output } = await runWatched('function hang(x) { for (;;) x = Math.sqrt(x + 1); } hang(1);', 0.6);
  expect(signal).toBe('SIGKILL');
  expect(JSON.parse(output)).toMatchObject({
    level: 60,
    process: 'worker',
    msg: expect.stringContaining('did not respond for 0.6 seconds (ARMATURE_WATCHDOG_SECONDS)'),
    at: expect.arrayContaining([expect.stringMatching(/^hang \(/)]),
  });
});

test('a process that waits in native code ends itself too', async () => {
  const { signal } = await runWatched('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);', 0.6);
  expect(signal).toBe('SIGKILL');
});

test('a process that is only busy goes on, and ends by itself', async () => {
  const busy = `const until = performance.now() + 4000;
    while (performance.now() < until) {
      const pause = performance.now() + 50;
      while (performance.now() < pause);
      await new Promise((resume) => setImmediate(resume));
    }
    console.log('done');`;
  expect(await runWatched(busy, 2)).toEqual({ signal: null, output: 'done\n' });
});

test('a watchdog that is closed or turned off watches no more', async () => {
  const block = 'const until = performance.now() + 1000; while (performance.now() < until);';
  expect(await runWatched(`await watchdog.close(); ${block}`, 0.3)).toEqual({ signal: null, output: '' });
  expect(await runWatched(block, 0)).toEqual({ signal: null, output: '' });
});
