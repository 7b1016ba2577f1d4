import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Type } from '../engine/index.ts';
import { defaultOf, typeName } from './type-name.ts';

const type = (name: string, more: Partial<Type> = {}): Type => ({
  schema: 'pg_catalog',
  name,
  modifiers: '',
  family: 'other',
  scalar: name,
  ...more,
});
const all = { names: () => true };

test('names types as SQL does', () => {
  assert.deepEqual(
    [
      type('int8'),
      type('numeric', { modifiers: '(8,2)' }),
      type('_text', { element: type('text') }),
      type('order_status', { schema: 'public', family: 'enum' }),
      type('int', { schema: '', unsigned: true }),
      type('set', { family: 'array', element: type('enum') }),
    ].map((one) => typeName(one, all)),
    ['bigint', 'numeric(8,2)', 'text[]', 'order_status', 'int unsigned', 'set'],
  );
});

test('does not name the table whose rows a type is, where the role does not read it', () => {
  const rows = type('secret', { schema: 'public', family: 'composite' });
  const none = { names: () => false };
  assert.deepEqual(
    [
      typeName(rows, all),
      typeName(rows, none),
      typeName(type('_secret', { family: 'array', element: rows }), none),
    ],
    ['secret', 'record', 'record[]'],
  );
});

const defaults: readonly { readonly sql: string | null; readonly says: string | null }[] = [
  { sql: null, says: null },
  { sql: 'NULL::text', says: null },
  { sql: `'placed'::order_status`, says: `'placed'` },
  { sql: `'a::b'::character varying(9)`, says: `'a::b'` },
  { sql: `'it''s'`, says: `'it''s'` },
  { sql: '0', says: '0' },
  { sql: `'-1'::integer`, says: `'-1'` },
  { sql: '(0)::numeric', says: '0' },
  { sql: 'false', says: 'false' },
  { sql: 'now()', says: 'now()' },
  { sql: 'CURRENT_TIMESTAMP(6)', says: 'CURRENT_TIMESTAMP(6)' },
  { sql: 'gen_random_uuid()', says: 'gen_random_uuid()' },
  { sql: `nextval('secret_sequence'::regclass)`, says: 'computed' },
  { sql: `secret_function('a'::text)`, says: 'computed' },
  { sql: `'a' || secret()`, says: 'computed' },
];

for (const { sql, says } of defaults) {
  test(`says of the default ${sql} no more than ${says}`, () => {
    const found = defaultOf(sql);
    assert.equal(found?.kind === 'sql' ? found.text : (found?.kind ?? null), says);
  });
}
