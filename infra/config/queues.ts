import { z } from 'zod';
import { type TaskQueue, taskQueues } from '../../domain/run/ids.ts';

const isQueue = (name: string): name is TaskQueue => taskQueues.some((queue) => queue === name);

/** Names of task queues, separated by commas or spaces. Empty: all of them. */
export const queues = z
  .string()
  .default('')
  .transform((text, context): readonly TaskQueue[] => {
    const names = text.split(/[\s,]+/).filter(Boolean);
    const unknown = names.filter((name) => !isQueue(name));
    if (unknown.length > 0) {
      const message = `has no queue ${unknown.map((name) => `"${name}"`).join(', ')}. The queues are ${taskQueues.join(', ')}; separate them by commas, or leave it empty for all`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    return names.length > 0 ? taskQueues.filter((queue) => names.includes(queue)) : taskQueues;
  });
