/** Texts that stand beside a test, to be read in a review: written anew with `NOVASTACK_RECORD=1`, else held against. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param name of the file: `comment.monorepo.recorded.md` */
export function holdRecorded(name: string, text: string): void {
  const file = join(import.meta.dirname, name);
  if (process.env.NOVASTACK_RECORD === '1') writeFileSync(file, `${text}\n`);
  assert.equal(`${text}\n`, readFileSync(file, 'utf8'));
}
