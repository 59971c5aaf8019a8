import { z } from 'zod';

/** Servers may name tools as they like, up to this length. */
export const maxToolNameLength = 512;

/** A tool's name wherever people or programs give one: policies, monitors, drafts. */
export const toolName = z.string().min(1, 'Choose a tool.').max(maxToolNameLength);
