import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { wrongRef } from './git-ref.ts';

test('branches and tags may be followed, nothing else', () => {
  for (const ref of ['main', 'release/1.x', 'größe', 'a@b', 'refs/heads/main', 'refs/tags/v1.0'])
    assert.equal(wrongRef(ref), undefined, ref);
  const wrong = [
    '',
    '-x',
    '--output=/tmp/x',
    'HEAD',
    '@',
    'a..b',
    'a@{1}',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
  ];
  const more = [
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a\u0000',
    'a\n',
    'refs/pull/1/head',
    '\ud800',
  ];
  for (const ref of [...wrong, ...more, 'refs/x', 'a'.repeat(251)])
    assert.ok(wrongRef(ref), JSON.stringify(ref));
});

test('what is let through, Git lets through too', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '/',
    '.',
    '..',
    '@',
    '{',
    '-',
    ' ',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    'ä',
    '\t',
    '.lock',
    'refs/',
    'heads/',
    'HEAD',
  );
  const refs = fc
    .sample(fc.array(piece, { minLength: 1, maxLength: 6 }), 4000)
    .map((parts) => parts.join(''));
  const passed = [...new Set(refs)].filter((ref) => wrongRef(ref) === undefined);
  assert.ok(passed.length > 20);
  for (const ref of passed.slice(0, 60)) {
    const whole = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    assert.equal(spawnSync('git', ['check-ref-format', whole]).status, 0, ref);
  }
});
