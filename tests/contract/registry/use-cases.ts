import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { Access, UseCase } from '../../../services/context/use-case.ts';

const services = fileURLToPath(new URL('../../../services', import.meta.url));

export type AnyUseCase = UseCase<z.ZodType, unknown>;

/** All use cases exported in `services/`, by name. A name's first word is a folder on the way to its file. */
export async function everyUseCase(): Promise<Map<string, AnyUseCase>> {
  const found = new Map<string, AnyUseCase>();
  for (const entry of await readdir(services, { recursive: true })) {
    if (!entry.endsWith('.ts') || entry.endsWith('.test.ts')) continue;
    const module: unknown = await import(/* @vite-ignore */ pathToFileURL(join(services, entry)).href);
    for (const exported of Object.values(Object(module))) {
      if (!isUseCase(exported)) continue;
      const { name } = exported.useCase;
      const folders = entry.replaceAll('-', '_').split(sep).slice(0, -1);
      if (!folders.some((folder) => name.startsWith(`${folder}.`)))
        throw new Error(`${name} is in services/${entry}, not in a folder of its noun.`);
      const other = found.get(name);
      if (other && other !== exported) throw new Error(`Two use cases are called ${name}.`);
      found.set(name, exported);
    }
  }
  return found;
}

const isUseCase = (value: unknown): value is AnyUseCase => typeof value === 'function' && 'useCase' in value;

export const accessOf = (useCase: AnyUseCase): Access => useCase.useCase.access;
