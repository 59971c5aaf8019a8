import { readdirSync, readFileSync } from 'node:fs';

// USER_HZ: fixed at 100 for what Linux shows in /proc, whatever the kernel's own tick.
const ticksPerSecond = 100;

type Stat = { parent: number; own: number; reaped: number };

/** Fields of /proc/<pid>/stat (proc_pid_stat(5)); null when the process has ended. CPU in seconds. */
function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const seconds = (index: number) => Number(fields[index]) / ticksPerSecond;
    return { parent: Number(fields[1]), own: seconds(11) + seconds(12), reaped: seconds(13) + seconds(14) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

/** CPU seconds of a process so far, with its children, living and ended ones. Linux only. */
export function cpuSeconds(pid: number): number {
  const all = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat) all.set(Number(name), stat);
  }
  const sum = (of: number): number => {
    const stat = all.get(of);
    if (!stat) return 0;
    const children = [...all].filter(([, { parent }]) => parent === of);
    return stat.own + stat.reaped + children.reduce((total, [child]) => total + sum(child), 0);
  };
  return sum(pid);
}
