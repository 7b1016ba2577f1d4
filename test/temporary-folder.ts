/** For tests: folders of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from './database.ts';

/** An empty folder, removed with what is in it when the scope ends. */
export async function temporaryFolder(scope: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'novastack-test-'));
  // What a process that is ending still writes is met by another try.
  scope.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
