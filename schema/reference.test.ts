import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLiteralPassword, isReadableUrl, malformedReference, parseReferences } from './reference.ts';

test('splits a text at its references', () => {
  assert.deepEqual(parseReferences('postgres://app:${env:PASSWORD}@${file:/run/secrets/host}/shop'), [
    { kind: 'text', text: 'postgres://app:' },
    { kind: 'env', name: 'PASSWORD' },
    { kind: 'text', text: '@' },
    { kind: 'file', path: '/run/secrets/host' },
    { kind: 'text', text: '/shop' },
  ]);
});

test('takes what is no reference as text', () => {
  for (const text of [
    '',
    '$',
    '${',
    '${HOME}',
    '${env:}',
    '${env:a b}',
    '${env:1A}',
    '${file:relative}',
    '$${}',
  ]) {
    assert.deepEqual(parseReferences(text), text === '' ? [] : [{ kind: 'text', text }], text);
  }
});

test('never finds a reference inside what a reference gave', () => {
  assert.deepEqual(parseReferences('${env:A}${env:B}'), [
    { kind: 'env', name: 'A' },
    { kind: 'env', name: 'B' },
  ]);
});

test('says how a malformed reference should be written', () => {
  const hints = ['${HOME}', '${file:run/x}', '${vault:x}', '${env:A', '${env:A-B}'].map(malformedReference);
  assert.deepEqual(hints, [
    { found: '${HOME}', hint: 'write ${env:HOME}' },
    { found: '${file:run/x}', hint: 'give the whole path, as in ${file:/run/secrets/name}' },
    { found: '${vault:x}', hint: 'write ${env:NAME} or ${file:/run/secrets/name}' },
    { found: '${env:A', hint: 'write ${env:NAME} or ${file:/run/secrets/name}' },
    { found: '${env:A-B}', hint: 'write ${env:NAME} or ${file:/run/secrets/name}' },
  ]);
  assert.equal(malformedReference('a${env:A}b'), undefined);
});

for (const [url, literal] of [
  ['postgres://app:secret@host/db', true],
  ['postgres://app:${env:A}b@host/db', true],
  ['postgres://app:a@b:c@host/db', true],
  ['postgres://host/db?password=secret', true],
  ['postgres://host/db?sslmode=require&PASSWORD=secret', true],
  ['host=h password=secret', true],
  ['password=secret host=h', true],
  ['${env:URL}', false],
  ['postgres://app:${env:A}@host/db', false],
  ['postgres://app:${env:A}${file:/b}@host/db', false],
  ['postgres://app@host/db', false],
  ['postgres://app:@host/db', false],
  ['postgres://${env:USER_AND_PASSWORD}@host:5432/db', false],
  ['postgres://host:5432/db?password=${env:A}', false],
  ['postgres://host:5432/db?options=a@b', false],
] as const) {
  test(`${literal ? 'sees' : 'sees no'} password in ${url}`, () => {
    assert.equal(hasLiteralPassword(url), literal);
  });
}

test('reads a url whatever its references hold', () => {
  assert.ok(isReadableUrl('postgres://${env:U}:${env:P}@${env:H}:${env:N}/${env:D}'));
  assert.ok(!isReadableUrl('postgres://app:a/b@host/db'));
});
