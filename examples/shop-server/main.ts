import { startShopServer } from './index.ts';

const port = Number(process.env.ARMATURE_EXAMPLE_PORT || 3900);

try {
  const server = await startShopServer({ port });
  process.stdout.write(`Example shop: ${server.url} (switches: ${server.controlUrl})\n`);
  const stop = () => {
    // Lets a second signal end the process immediately.
    process.off('SIGTERM', stop).off('SIGINT', stop);
    void server.close();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
} catch (error) {
  const isPortTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  process.stderr.write(
    isPortTaken
      ? `Port ${port} is taken. Set ARMATURE_EXAMPLE_PORT to a free port.\n`
      : `The example shop could not start: ${error}\n`,
  );
  process.exitCode = 1;
}
