import { readdirSync, readFileSync } from 'node:fs';

// USER_HZ, which is always 100 in /proc, whatever the kernel's own tick.
const ticksPerSecond = 100;

type Stat = { parent: number; own: number; reaped: number };

/** Reads /proc/<pid>/stat (proc_pid_stat(5)). CPU is in seconds. @returns null when the process has ended. */
function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const seconds = (index: number) => Number(fields[index]) / ticksPerSecond;
    return { parent: Number(fields[1]), own: seconds(11) + seconds(12), reaped: seconds(13) + seconds(14) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

/** Reads the CPU seconds of a process and its children so far, including ended ones. Linux only. */
export function readCpuSeconds(pid: number): number {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat) stats.set(Number(name), stat);
  }
  const sum = (id: number): number => {
    const stat = stats.get(id);
    if (!stat) return 0;
    const children = [...stats].filter(([, { parent }]) => parent === id);
    return stat.own + stat.reaped + children.reduce((total, [child]) => total + sum(child), 0);
  };
  return sum(pid);
}
