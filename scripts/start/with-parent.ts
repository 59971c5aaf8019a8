/** Loaded into each child of `npm start`: stops the child when `npm start` is killed, so that its port is free. */
const stopTimeoutMs = 15_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), stopTimeoutMs).unref();
  process.kill(process.pid, 'SIGTERM');
});
// Otherwise the channel would keep a finished process alive.
process.channel?.unref();
