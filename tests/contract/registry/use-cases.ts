import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { Access, UseCase } from '../../../services/context/use-case.ts';

const services = fileURLToPath(new URL('../../../services', import.meta.url));

export type AnyUseCase = UseCase<z.ZodType, unknown>;

/** Every use case there is, by name: whatever a file of `services/` exports that `useCase` made. */
export async function everyUseCase(): Promise<Map<string, AnyUseCase>> {
  const found = new Map<string, AnyUseCase>();
  for (const entry of await readdir(services, { recursive: true })) {
    if (!entry.endsWith('.ts') || entry.endsWith('.test.ts')) continue;
    const module: unknown = await import(/* @vite-ignore */ pathToFileURL(join(services, entry)).href);
    for (const exported of Object.values(Object(module))) {
      if (!isUseCase(exported)) continue;
      const { name } = exported.useCase;
      const other = found.get(name);
      if (other && other !== exported) throw new Error(`Two use cases are called ${name}.`);
      found.set(name, exported);
    }
  }
  return found;
}

const isUseCase = (value: unknown): value is AnyUseCase => typeof value === 'function' && 'useCase' in value;

export const accessOf = (useCase: AnyUseCase): Access => useCase.useCase.access;
