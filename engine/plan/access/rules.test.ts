/** The rules against their documentation. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { rules } from './rules.ts';

const page = join(import.meta.dirname, '../../../docs/plan-rules.md');

const kinds = { gain: 'gain', loss: 'loss', both: 'gain and loss', neither: '' } as const;

test('every rule of access is documented, in order, and nothing else is', async () => {
  const text = await readFile(page, 'utf8');
  const section = /^## Access$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)![1]!;
  const table = /^\| rule \|.*\n\|.*\n((?:\|.*\n)*)/m.exec(section)![1]!;
  assert.deepEqual(
    table.trim().split('\n'),
    Object.entries(rules).map(
      ([id, { title, direction }]) => `| \`${id}\` | ${title} | ${kinds[direction]} |`,
    ),
  );
});
