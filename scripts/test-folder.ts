/** Where the tests keep what is gone afterwards: in memory where there is plenty, since they make a hundred thousand small files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux keeps what is in here in memory. Containers often have 64 MB of it. */
const memory = '/dev/shm';
const neededBytes = 6 * 2 ** 30;

/** A new folder; the caller removes it. Database servers run as other users, and must get through it. */
export function makeTestFolder(): string {
  const folder = inMemory() ?? mkdtempSync(join(tmpdir(), 'novastack-test-'));
  chmodSync(folder, 0o711);
  return folder;
}

function inMemory(): string | undefined {
  let folder: string | undefined;
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (Math.min(bavail * bsize, process.availableMemory()) < neededBytes) return undefined;
    folder = mkdtempSync(join(memory, 'novastack-test-'));
    if (runsPrograms(folder)) return folder;
  } catch {
    // No such place, or not for us.
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  return undefined;
}

/** Some tests write a program and run it, which `noexec` forbids. */
function runsPrograms(folder: string): boolean {
  const file = join(folder, 'program');
  writeFileSync(file, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const { status } = spawnSync(file);
  rmSync(file);
  return status === 0;
}
