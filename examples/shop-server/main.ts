import { startShopServer } from './index.ts';

const port = Number(process.env.ARMATURE_EXAMPLE_PORT || 3900);

try {
  const server = await startShopServer({ port });
  process.stdout.write(`Example shop: ${server.url} (switches: ${server.controlUrl})\n`);
  const stop = () => {
    // A second signal ends the process at once, as it would without this handler.
    process.off('SIGTERM', stop).off('SIGINT', stop);
    void server.close();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
} catch (error) {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  process.stderr.write(
    taken
      ? `Port ${port} is taken. Set ARMATURE_EXAMPLE_PORT to a free one.\n`
      : `The example shop could not start: ${error}\n`,
  );
  process.exitCode = 1;
}
