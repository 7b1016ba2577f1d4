import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { LatestQueue } from './queue.ts';
import { watchFolder } from './watch.ts';

async function folder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'ns-watch-'));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const changes: [title: string, change: (root: string) => Promise<void>][] = [
  ['a save in place', (root) => writeFile(path.join(root, 'novastack.yaml'), 'novastack: 1\n# more')],
  [
    'a save through a copy that is renamed into place, as editors do',
    async (root) => {
      await writeFile(path.join(root, '.novastack.yaml.swp'), 'novastack: 2');
      await rename(path.join(root, '.novastack.yaml.swp'), path.join(root, 'novastack.yaml'));
    },
  ],
  ['a new file in a new folder', async (root) => {
    await mkdir(path.join(root, 'tables', 'deep'), { recursive: true });
    await writeFile(path.join(root, 'tables', 'deep', 'books.yml'), 'tables: {}');
  }],
  ['a new migration', (root) => writeFile(path.join(root, 'migrations', '0001_a.sql'), 'select 1')],
  ['a removed file', (root) => rm(path.join(root, 'novastack.yaml'))],
]; // biome-ignore format: a table

for (const events of [true, false])
  for (const [title, change] of changes)
    test(`tells ${title}, once${events ? '' : ', by looking alone'}`, async () => {
      const root = await folder();
      try {
        await mkdir(path.join(root, 'migrations'));
        await writeFile(path.join(root, 'novastack.yaml'), 'novastack: 1');
        let told = 0;
        const watch = watchFolder(root, () => (told += 1), {
          settleMs: events ? 10 : 1_000_000,
          lookMs: events ? 1_000_000 : 10,
        });
        await watch.ready;
        await change(root);
        await until(() => told > 0);
        watch.close();
        assert.ok(told >= 1);
      } finally {
        await rm(root, { recursive: true });
      }
    });

test('the loss of the lock is told, its coming is not', async () => {
  const root = await folder();
  try {
    let told = 0;
    const watch = watchFolder(root, () => (told += 1), { settleMs: 5, lookMs: 5 });
    await watch.ready;
    await mkdir(path.join(root, 'novastack.lock'));
    await writeFile(path.join(root, 'novastack.yaml'), 'novastack: 1');
    await until(() => told > 0);
    await rm(path.join(root, 'novastack.lock'), { recursive: true });
    await until(() => told > 1);
    watch.close();
    assert.equal(told, 2);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('what is no source is not told', async () => {
  const root = await folder();
  try {
    await mkdir(path.join(root, 'novastack.lock'));
    await mkdir(path.join(root, '.novastack'));
    await mkdir(path.join(root, 'node_modules'));
    let told = 0;
    const watch = watchFolder(root, () => (told += 1), { settleMs: 5, lookMs: 5 });
    await watch.ready;
    for (const file of [
      'novastack.lock/database.yaml',
      '.novastack/a.yaml',
      'node_modules/b.yaml',
      'README.md',
    ])
      await writeFile(path.join(root, file), 'x');
    await writeFile(path.join(root, 'last.yaml'), 'x');
    await until(() => told > 0);
    watch.close();
    assert.equal(told, 1);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('a queue runs one job at a time, and one more for all who asked meanwhile', async () => {
  const began: string[] = [];
  const gates: (() => void)[] = [];
  const queue = new LatestQueue(async (reason) => {
    began.push(reason);
    await new Promise<void>((resolve) => gates.push(resolve));
  });
  const all = ['one', 'two', 'three', 'four'].map((reason) => queue.request(reason));
  assert.deepEqual(began, ['one']);
  gates[0]!();
  await all[0];
  await until(() => gates.length === 2);
  assert.deepEqual(began, ['one', 'four']);
  gates[1]!();
  await Promise.all(all);
  assert.deepEqual(began, ['one', 'four']);
  const last = queue.request('five');
  const closed = queue.close();
  gates[2]!();
  await Promise.all([last, closed]);
  await queue.request('six');
  assert.deepEqual(began, ['one', 'four', 'five']);
});
