/** Every command, in the order in which help lists them. Each is loaded, with all that it works with, when it is the one. */
import type { Command, Heading } from './command.ts';
import { headings } from './headings.ts';

export interface Listed extends Heading {
  readonly load: () => Promise<Command>;
}

export const commands: readonly Listed[] = [
  { ...headings.init, load: async () => (await import('./init.ts')).init },
  { ...headings.dev, load: async () => (await import('./dev.ts')).dev },
  { ...headings.serve, load: async () => (await import('./serve.ts')).serve },
  { ...headings.validate, load: async () => (await import('./validate.ts')).validate },
  { ...headings.test, load: async () => (await import('./test.ts')).test },
  { ...headings.plan, load: async () => (await import('./plan.ts')).plan },
  { ...headings.explain, load: async () => (await import('./explain.ts')).explain },
  { ...headings.lock, load: async () => (await import('./lock.ts')).lock },
  { ...headings.migrate, load: async () => (await import('./migrate.ts')).migrate },
  { ...headings.token, load: async () => (await import('./token.ts')).token },
  { ...headings.types, load: async () => (await import('./types.ts')).types },
  { ...headings.docs, load: async () => (await import('./docs.ts')).docs },
];
