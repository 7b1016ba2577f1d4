/** Defaults as forms show them: constants and calls that all know, never the name of something else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '../api/api.ts';
import { builtinType } from '../catalog/builtin-types.ts';
import { defaultOf } from './swagger-types.ts';

function column(type: string, text: string | null): Column {
  const source = {
    name: 'a',
    type: builtinType(type),
    nullable: true,
    default: text,
    identity: null,
    generated: false,
    comment: null,
  };
  const common = { name: 'a', column: 'a', graphql: null, nullable: true, hidden: false, description: null };
  return { ...common, type: source.type, source };
}

test('reads a constant as its value', () => {
  for (const [type, text, value] of [
    ['text', "'it''s'::text", "it's"],
    ['text', "''::text", ''],
    ['text', "E'a\\\\b'::text", 'a\\b'],
    ['varchar', "'x'::character varying", 'x'],
    ['timestamptz', "'2024-01-01 00:00:00+00'::timestamp with time zone", '2024-01-01 00:00:00+00'],
    ['int4', '5', 5],
    ['int4', "'-5'::integer", -5],
    ['int4', '(-5)', -5],
    ['numeric', '1.50', 1.5],
    ['float8', "'-1.5'::numeric", -1.5],
    ['bool', 'true', true],
    ['bool', 'false', false],
    ['timestamptz', 'now()', 'now()'],
    ['date', 'CURRENT_DATE', 'CURRENT_DATE'],
    ['uuid', 'gen_random_uuid()', 'gen_random_uuid()'],
  ] as const)
    assert.deepEqual(defaultOf(column(type, text)), { default: value }, text);
});

test('leaves out what is no constant', () => {
  for (const [type, text] of [
    ['text', null],
    ['text', 'secret_key()'],
    ['text', "current_setting('app.key'::text)"],
    ['text', "('a'::text || secret_key())"],
    ['text', 'NULL::text'],
    ['int8', "nextval('books_id_seq'::regclass)"],
    ['int8', '9007199254740993'],
    ['float8', "'NaN'::double precision"],
    ['int4', "''::text"],
    ['bool', '(1 = 1)'],
    ['jsonb', "'{}'::jsonb"],
  ] as const)
    assert.deepEqual(defaultOf(column(type, text)), {}, text ?? 'no default');
});
