import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inTurn } from './turn.ts';

const folder = await mkdtemp(join(tmpdir(), 'novastack-turn-'));
after(() => rm(folder, { recursive: true, force: true }));

test('lets one work at a time, and says when it waits', async () => {
  const file = join(folder, 'one');
  const said: string[] = [];
  let running = 0;
  const work = async (): Promise<number> => {
    running += 1;
    assert.equal(running, 1);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return 7;
  };
  const results = await Promise.all(
    [1, 2, 3].map((n) => inTurn(work, { file, onWait: () => said.push(`${n} waits`) })),
  );
  assert.deepEqual(results, [7, 7, 7]);
  assert.equal(said.length, 2);
});

test('passes over a holder that died', async () => {
  const file = join(folder, 'two');
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'exit');
  await writeFile(file, `${dead.pid} gone`);
  assert.equal(await inTurn(async () => 'done', { file }), 'done');
});

test('lets the next one begin after a failure', async () => {
  const file = join(folder, 'three');
  await assert.rejects(
    inTurn(
      async () => {
        throw new Error('broken');
      },
      { file },
    ),
    { message: 'broken' },
  );
  assert.equal(await inTurn(async () => 'done', { file }), 'done');
  assert.equal((await readdir(folder)).length, 0);
});

test('stops waiting when it is told to', async () => {
  const file = join(folder, 'four');
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = inTurn(() => promise, { file });
  const second = inTurn(async () => 'never', {
    file,
    signal: stop.signal,
    onWait: () => stop.abort(new Error('enough')),
  });
  await assert.rejects(second, { message: 'enough' });
  resolve();
  await first;
});
