import { execFileSync } from 'node:child_process';
import { isFree } from '../port.ts';
import { readCommand } from '../process.ts';

/** A port that `npm start` needs. `variable` is the environment variable that changes it. */
export type PortNeed = { name: string; port: number; variable: string };

/** @returns one sentence per taken port, with the process that listens if it is known, and what to do. */
export async function takenPorts(needs: PortNeed[]): Promise<string[]> {
  const problems = await Promise.all(
    needs.map(async ({ name, port, variable }) => {
      if (await isFree(port)) return null;
      const listener = findListener(port);
      return `Port ${port} (${name}) is taken${listener ? ` by ${listener}` : ''}. Stop that process, or set ${variable} to a free port.`;
    }),
  );
  const duplicates = needs.filter((need, index) => needs.findIndex(({ port }) => port === need.port) !== index);
  return [
    ...problems.filter((problem) => problem !== null),
    ...duplicates.map(
      ({ name, port, variable }) =>
        `Port ${port} is configured twice, the second time for ${name}. Set ${variable} to another port.`,
    ),
  ];
}

/** Finds the listening process with `lsof` or `ss`. @returns null if it can't be found. */
function findListener(port: number): string | null {
  const attempts: [string, string[], RegExp][] = [
    ['lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], /p(?<pid>\d+)\s+c(?<name>\S+)/],
    ['ss', ['-ltnp', `sport = :${port}`], /users:\(\("(?<name>[^"]+)",pid=(?<pid>\d+)/],
  ];
  for (const [command, args, pattern] of attempts) {
    try {
      const match = pattern.exec(
        execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
      if (match?.groups?.pid === undefined) continue;
      const { pid, name } = match.groups;
      return `${readCommand(Number(pid)).trim().slice(0, 100) || name} (process ${pid})`;
    } catch {
      // The command is not installed, or doesn't see the process.
    }
  }
  return null;
}
