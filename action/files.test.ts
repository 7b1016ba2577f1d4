/** Files that an input names are written in the workspace, whatever was committed there. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { writeNamedFile } from './files.ts';

test('a link in the place of the file is replaced, and one on the way out refused', async (t) => {
  const top = await temporaryFolder(t);
  const [workspace, temp] = [join(top, 'workspace'), join(top, 'temp')];
  for (const folder of [workspace, temp]) await mkdir(folder);
  const secret = join(top, 'secret');
  await writeFile(secret, 'untouched');
  await symlink(secret, join(workspace, 'a.sarif'));
  await symlink(top, join(workspace, 'out'));
  const write = (name: string) => writeNamedFile('sarif-file', name, '{}', { workspace, temp });
  await write('a.sarif');
  await write('deep/er/b.sarif');
  await write(join(temp, 'c.sarif'));
  for (const name of ['../secret', secret, 'out/secret', '.'])
    await assert.rejects(write(name), /Input "sarif-file"/, name);
  assert.equal(await readFile(secret, 'utf8'), 'untouched');
  const written = [join(workspace, 'a.sarif'), join(workspace, 'deep/er/b.sarif'), join(temp, 'c.sarif')];
  for (const file of written) assert.equal(await readFile(file, 'utf8'), '{}');
  assert.deepEqual((await readdir(workspace)).sort(), ['a.sarif', 'deep', 'out']);
});
