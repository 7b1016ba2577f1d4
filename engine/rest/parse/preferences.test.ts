/** The `Prefer` header, as tables: what it asks for, and what is said of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appliedPreferences, type Preferences, parsePreferences } from './preferences.ts';

const read: readonly (readonly [string | undefined, Preferences])[] = [
  [undefined, {}],
  ['', {}],
  [' , ,', {}],
  ['return=representation', { return: 'representation' }],
  ['return=minimal,count=exact', { return: 'minimal', count: 'exact' }],
  ['count=planned', { count: 'planned' }],
  ['count=estimated', { count: 'estimated' }],
  ['missing=default', { missing: 'default' }],
  ['missing=null', { missing: 'null' }],
  ['tx=rollback', { tx: 'rollback' }],
  ['tx=commit, tx=rollback', { tx: 'commit' }],
  ['return=everything', {}],
  ['resolution=merge-duplicates, foo=bar', { resolution: 'merge-duplicates' }],
  ['handling=lenient, foo', { handling: 'lenient' }],
  ['handling=strict,max-affected=10', { handling: 'strict', maxAffected: 10 }],
  ['max-affected=-1', {}],
  ['max-affected=x', {}],
  ['max-affected=9999999999999999', {}],
  ['timezone=Europe/Paris', { timezone: 'Europe/Paris' }],
  ['timezone=UTC', { timezone: 'UTC' }],
  ['timezone=America/Argentina/Buenos_Aires', { timezone: 'America/Argentina/Buenos_Aires' }],
  ['timezone=Mars/Phobos', {}],
  ['timezone=', {}],
  ["timezone=UTC'; drop table books; --", {}],
];

for (const [header, preferences] of read)
  test(`reads Prefer: ${header}`, () => assert.deepEqual(parsePreferences(header), preferences));

for (const [header, unknown] of [
  ['handling=strict, foo=bar', 'foo=bar'],
  ['foo=bar, handling=strict, timezone=Mars/Phobos', 'foo=bar, timezone=Mars/Phobos'],
  ['handling=strict, max-affected=x', 'max-affected=x'],
] as const)
  test(`refuses Prefer: ${header}`, () =>
    assert.throws(() => parsePreferences(header), {
      code: 'PGRST122',
      status: 400,
      message: 'Invalid preferences given with handling=strict',
      details: `Invalid preferences: ${unknown}`,
      hint: 'Leave them out, or send handling=lenient.',
    }));

test('says which preferences were obeyed, in one order whatever was sent', () => {
  const all = parsePreferences(
    'max-affected=5, handling=strict, timezone=UTC, tx=commit, count=exact, return=minimal, missing=default',
  );
  assert.equal(
    appliedPreferences(all, ['missing', 'return', 'count', 'tx', 'handling', 'timezone', 'maxAffected']),
    'missing=default, return=minimal, count=exact, tx=commit, handling=strict, timezone=UTC, max-affected=5',
  );
  assert.equal(appliedPreferences(all, ['count']), 'count=exact');
  assert.equal(appliedPreferences(all, ['resolution']), undefined);
  assert.equal(appliedPreferences(parsePreferences('max-affected=5'), ['maxAffected']), undefined);
  assert.equal(appliedPreferences(parsePreferences(undefined), ['return', 'count']), undefined);
});
