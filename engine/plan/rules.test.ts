/** docs/plan-rules.md tells of the rules that are neither of the API nor of access, with their level. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

test('the page lists every rule of a deployment', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/plan-rules.md'), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith('Deployment\n'))!;
  const listed = [...section.matchAll(/^\| `([a-z-]+)` \|.*\| (breaking|dangerous) \|$/gm)].map(
    ([, rule, level]) => `${rule} ${level}`,
  );
  const names = (await readdir(import.meta.dirname)).filter((name) => /^[a-z-]+\.ts$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
  const written = texts.flatMap((text) =>
    [...text.matchAll(/^ +rule: '([a-z-]+)',\n +level: '(\w+)',$/gm)].map(
      ([, rule, level]) => `${rule} ${level}`,
    ),
  );
  assert.deepEqual(listed.sort(), written.sort());
  assert.equal(listed.length, 3);
});
