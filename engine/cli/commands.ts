/** Every command, in the order in which help lists them. */
import type { Command } from './command.ts';
import { dev } from './dev.ts';
import { docs } from './docs.ts';
import { explain } from './explain.ts';
import { init } from './init.ts';
import { lock } from './lock.ts';
import { migrate } from './migrate.ts';
import { serve } from './serve.ts';
import { test } from './test.ts';
import { token } from './token.ts';
import { types } from './types.ts';
import { validate } from './validate.ts';

export const commands: readonly Command[] = [
  init,
  dev,
  serve,
  validate,
  test,
  explain,
  lock,
  migrate,
  token,
  types,
  docs,
];
