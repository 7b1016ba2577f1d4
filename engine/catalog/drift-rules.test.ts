import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { driftRules } from './drift-rules.ts';

test('docs/drift.md lists every difference under its class', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../docs/drift.md'), 'utf8');
  const listed: Record<string, string> = {};
  for (const [, of, rows] of text.matchAll(
    /^\| \| (safe|degrading|breaking) \|\n\|---\|---\|\n((?:\|.*\n)+)/gm,
  ))
    for (const row of rows!.trim().split('\n'))
      for (const [, what] of row.split('|')[1]!.matchAll(/`([a-z-]+)`/g)) listed[what!] = of!;
  assert.deepEqual(sorted(listed), sorted(driftRules));
});

const sorted = (map: object) => Object.entries(map).sort();
