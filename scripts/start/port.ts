import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { commandOf } from '../process.ts';

/** A port `npm start` needs: `name` for people, `variable` is what to set to move it. */
export type PortNeed = { name: string; port: number; variable: string };

/** @returns one sentence per taken port, with who listens where that can be known, and the variable to set. */
export async function takenPorts(needs: PortNeed[]): Promise<string[]> {
  const problems = await Promise.all(
    needs.map(async ({ name, port, variable }) => {
      if (await isFree(port)) return null;
      const listener = whoListens(port);
      return `Port ${port} (${name}) is taken${listener ? ` by ${listener}` : ''}. Stop that, or set ${variable} to a free port.`;
    }),
  );
  const twice = needs.filter((need, index) => needs.findIndex(({ port }) => port === need.port) !== index);
  return [
    ...problems.filter((problem) => problem !== null),
    ...twice.map(
      ({ name, port, variable }) =>
        `Port ${port} is wanted twice, the second time for ${name}: set ${variable} to another.`,
    ),
  ];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The listening process by `lsof` or `ss`, where the machine has one of them; null where it can't be known. */
function whoListens(port: number): string | null {
  const attempts: [string, string[], RegExp][] = [
    ['lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], /p(?<pid>\d+)\s+c(?<name>\S+)/],
    ['ss', ['-ltnp', `sport = :${port}`], /users:\(\("(?<name>[^"]+)",pid=(?<pid>\d+)/],
  ];
  for (const [command, args, pattern] of attempts) {
    try {
      const found = pattern.exec(
        execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
      if (found?.groups?.pid === undefined) continue;
      const { pid, name } = found.groups;
      return `${commandOf(Number(pid)).trim().slice(0, 100) || name} (process ${pid})`;
    } catch {
      // Not installed, or nothing to say: the next way may know.
    }
  }
  return null;
}
