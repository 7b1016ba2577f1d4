import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FollowedFile } from './followed-file.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'ns-followed-'));
after(() => rm(folder, { recursive: true }));

test('a file is read as it is now: written in place, replaced, removed and back', async () => {
  const file = path.join(folder, 'plain');
  const followed = new FollowedFile(file);
  assert.equal(followed.read(), undefined);
  await writeFile(file, 'one\n');
  assert.equal(followed.read(), 'one');
  // As long as before, and within one tick of the file system's clock.
  for (const text of ['two', 'six', 'ten']) {
    await writeFile(file, text);
    assert.equal(followed.read(), text);
  }
  await writeFile(`${file}.new`, 'four\r\n');
  await rename(`${file}.new`, file);
  assert.equal(followed.read(), 'four');
  await truncate(file);
  assert.equal(followed.read(), undefined);
  await writeFile(file, 'five');
  assert.equal(followed.read(), 'five');
  await unlink(file);
  assert.equal(followed.read(), undefined);
  await writeFile(file, 'back');
  assert.equal(followed.read(), 'back');
});

test('links are followed to what they lead to now, as Kubernetes swaps them', async () => {
  const mount = path.join(folder, 'mount');
  for (const name of ['1', '2']) {
    await mkdir(path.join(mount, name), { recursive: true });
    await writeFile(path.join(mount, name, 'secret'), `secret ${name}`);
  }
  const swap = async (name: string) => {
    await symlink(name, path.join(mount, '..data_tmp'));
    await rename(path.join(mount, '..data_tmp'), path.join(mount, '..data'));
  };
  await swap('1');
  await symlink('..data/secret', path.join(mount, 'secret'));
  const followed = new FollowedFile(path.join(mount, 'secret'));
  assert.equal(followed.read(), 'secret 1');
  await swap('2');
  assert.equal(followed.read(), 'secret 2');
  await swap('1');
  assert.equal(followed.read(), 'secret 1');
  await unlink(path.join(mount, '..data'));
  assert.equal(followed.read(), undefined);
});

test('a file that has been still for a while is known by its state alone, whatever time somebody gives it', async () => {
  const file = path.join(folder, 'still');
  await writeFile(file, 'one');
  const followed = new FollowedFile(file, -60_000);
  assert.equal(followed.read(), 'one');
  assert.equal(followed.read(), 'one');
  await writeFile(file, 'longer');
  assert.equal(followed.read(), 'longer');
  // As long, and with the time of before: what cannot be set back is the time of the change itself.
  await utimes(file, 0, 0);
  assert.equal(followed.read(), 'longer');
  await new Promise((resolve) => setTimeout(resolve, 30));
  await writeFile(file, 'LONGER');
  await utimes(file, 0, 0);
  assert.equal(followed.read(), 'LONGER');
  await writeFile(`${file}.new`, 'CHANGE');
  await rename(`${file}.new`, file);
  assert.equal(followed.read(), 'CHANGE');
});

test('what is no file, is too large, or may not be read is nothing; a pipe holds nobody up', async (t) => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const large = path.join(folder, 'large');
  await writeFile(large, 'x'.repeat(64 * 1024 + 1));
  const loop = path.join(folder, 'loop');
  await symlink(loop, loop);
  for (const file of [folder, pipe, large, loop, `${large}/below`, '/dev/zero', path.join(folder, 'absent')])
    assert.equal(new FollowedFile(file).read(), undefined, path.basename(file));
  if (process.getuid?.() === 0) return t.diagnostic('run as root, who may read everything');
  await chmod(large, 0);
  assert.equal(new FollowedFile(large).read(), undefined);
});
