/**
 * Loaded into each child of `npm start`: when that process is gone without having stopped its children (it was killed), the child
 * stops by itself, so that nothing is left behind on the ports.
 */
const forceAfterMs = 15_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), forceAfterMs).unref();
  process.kill(process.pid, 'SIGTERM');
});
// The listener alone would keep a process alive that is done.
process.channel?.unref();
