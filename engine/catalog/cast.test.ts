/** Which names of types values may be cast to, and to what. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { castNames, castType } from './cast.ts';

const types: readonly (readonly [string, string, string])[] = [
  ['text', 'text', 'string'],
  ['character varying', 'varchar', 'string'],
  ['int', 'int4', 'integer'],
  ['smallint', 'int2', 'integer'],
  ['BIGINT', 'int8', 'integer'],
  [' Integer ', 'int4', 'integer'],
  ['decimal', 'numeric', 'decimal'],
  ['double precision', 'float8', 'float'],
  ['real', 'float4', 'float'],
  ['boolean', 'bool', 'boolean'],
  ['date', 'date', 'date'],
  ['timestamp with time zone', 'timestamptz', 'timestamp'],
  ['time without time zone', 'time', 'time'],
  ['interval', 'interval', 'interval'],
  ['jsonb', 'jsonb', 'json'],
  ['uuid', 'uuid', 'uuid'],
  ['bytea', 'bytea', 'binary'],
  ['text[]', '_text', 'array'],
  ['int []', '_int4', 'array'],
];
for (const [written, name, family] of types)
  test(`takes ${written} for ${name}`, () => {
    const type = castType(written);
    assert.deepEqual([type?.schema, type?.name, type?.family], ['pg_catalog', name, family]);
  });

test('takes nothing that looks names up, runs code of users, or is no name of a type', () => {
  for (const written of [
    '', '[]', 'text[][]', 'regclass', 'regproc', 'regrole', 'oid', 'xid', 'name', 'public.mood', 'mood', 'citext', 'hstore',
    'geometry', 'record', 'void', 'any', 'varchar(3)', 'numeric(10,2)', '"text"', 'pg_catalog.text', '__proto__', 'constructor',
    'toString', 'text;', 'text --', "text'", 'int4\0',
  ])
    assert.equal(castType(written), undefined, written); // biome-ignore format: a list
});

test('knows every name that it suggests', () => {
  const names = [...castNames()];
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    const type = castType(name);
    assert.equal(type?.schema, 'pg_catalog', name);
    assert.deepEqual(castType(`${name}[]`)?.element, type, name);
  }
});
