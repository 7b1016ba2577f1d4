/** What a change of a type means to those who read, write and ask by GraphQL, of the types of all servers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinType } from '../../catalog/builtin-types.ts';
import type { Type } from '../../catalog/catalog.ts';
import { mysqlType } from '../../catalog/mysql-types.ts';
import { representations } from '../../catalog/representation.ts';
import { arrayType, domainType } from '../../catalog/type.ts';
import { compareTypes } from './types.ts';

const pg = builtinType;
const my = (text: string) => mysqlType(text, 'books_status');
const labelled = (name: string, ...labels: string[]): Type => ({
  schema: 'public',
  name,
  modifiers: '',
  family: 'enum',
  scalar: name,
  labels,
});
const listOf = (element: Type) => arrayType('public', '_x', element);
const domain = (base: Type) => domainType('public', 'd', base);

const rows: readonly (readonly [before: Type, after: Type, values: string | undefined, scalars?: string])[] = [
  [pg('int4'), pg('int4'), undefined],
  [pg('int4'), pg('int8'), 'wider', 'Int bigint'],
  [pg('int8'), pg('int4'), 'narrower', 'bigint Int'],
  [pg('int4'), pg('numeric'), 'wider', 'Int numeric'],
  [pg('int8'), pg('numeric', '(10,2)'), 'other', 'bigint numeric'],
  [pg('int4'), pg('float8'), 'wider', 'Int float8'],
  [pg('int8'), pg('float8'), 'other', 'bigint float8'],
  [pg('int4'), pg('text'), 'other', 'Int String'],
  [pg('float4'), pg('float8'), 'other', 'Float float8'],
  [pg('numeric', '(8,2)'), pg('numeric', '(10,2)'), 'wider'],
  [pg('numeric', '(8,2)'), pg('numeric', '(8,4)'), 'other'],
  [pg('numeric', '(8,2)'), pg('numeric', '(10,4)'), 'wider'],
  [pg('numeric', '(8,2)'), pg('numeric'), 'wider'],
  [pg('numeric'), pg('numeric', '(8,2)'), 'narrower'],
  [pg('varchar', '(20)'), pg('varchar', '(40)'), 'wider'],
  [pg('varchar', '(40)'), pg('varchar', '(20)'), 'narrower'],
  [pg('varchar', '(40)'), pg('text'), 'wider'],
  [pg('varchar'), pg('text'), undefined],
  [pg('bpchar', '(5)'), pg('varchar', '(9)'), 'other', 'bpchar String'],
  [pg('uuid'), pg('text'), 'other', 'uuid String'],
  [pg('json'), pg('jsonb'), 'other', 'json jsonb'],
  [pg('date'), pg('timestamptz'), 'other', 'date timestamptz'],
  [pg('timestamp'), pg('timestamptz'), 'other', 'timestamp timestamptz'],
  [pg('timestamp', '(3)'), pg('timestamp'), 'wider'],
  [pg('text'), domain(pg('text')), 'narrower'],
  [domain(pg('text')), pg('text'), 'wider'],
  [domain(pg('varchar', '(9)')), domain(pg('varchar', '(5)')), 'narrower'],
  [pg('text'), listOf(pg('text')), 'other', 'String [String]'],
  [listOf(pg('int4')), listOf(pg('int8')), 'wider', '[Int] [bigint]'],
  [pg('int4range'), pg('int8range'), 'other', 'int4range int8range'],
  [labelled('mood', 'a'), labelled('state', 'a'), 'same', 'mood state'],
  [labelled('mood', 'a'), pg('text'), 'other', 'mood String'],
  [pg('regclass'), pg('text'), 'other', 'regclass String'],
  [my('int'), my('bigint'), 'wider', 'Int bigint'],
  [my('int'), my('int unsigned'), 'other', 'Int bigint'],
  [my('int unsigned'), my('bigint'), 'wider'],
  [my('smallint unsigned'), my('int'), 'wider'],
  [my('mediumint'), my('int'), 'wider'],
  [my('tinyint(1)'), my('tinyint'), 'other', 'Boolean smallint'],
  [my('tinyint(1)'), representations(my('tinyint(1)')).get('integer')!, 'other', 'Boolean smallint'],
  [my('varchar(20)'), my('varchar(30)'), 'wider'],
  [my('varchar(20)'), my('text'), 'wider'],
  [my('text'), my('mediumtext'), 'wider'],
  [my('mediumtext'), my('longtext'), 'wider'],
  [my('decimal(8,2)'), my('decimal(8,2) unsigned'), 'narrower'],
  [my('datetime'), my('datetime(3)'), 'wider'],
  [my('datetime'), my('timestamp'), 'other', 'timestamp timestamptz'],
  [my("enum('a','b')"), my('varchar(9)'), 'other', 'books_status String'],
  [my('year'), my('smallint'), 'other'],
  [my('blob'), my('mediumblob'), 'wider'],
  [my('int'), pg('int4'), undefined],
  [my('varchar(20)'), pg('varchar', '(20)'), undefined],
  [my('int unsigned'), pg('int8'), 'wider'],
]; // biome-ignore format: a table

test('a type is compared by its values and by its scalar', () => {
  for (const [before, after, values, scalars] of rows) {
    const change = compareTypes(before, after);
    const title = `${before.name}${before.modifiers} ${after.name}${after.modifiers}`;
    assert.deepEqual([change?.values, change?.scalars?.join(' ')], [values, scalars], title);
  }
});

test('labels are compared as labels, of lists too', () => {
  const [one, other] = [labelled('mood', 'a', 'b', 'c'), labelled('mood', 'c', 'a', 'd')];
  for (const [before, after] of [
    [one, other],
    [listOf(one), listOf(other)],
    [my("set('a','b','c')"), my("set('c','a','d')")],
  ] as const)
    assert.deepEqual(compareTypes(before, after)?.labels, {
      isSame: false,
      gone: ['b'],
      added: ['d'],
      reordered: true,
      before: 'a, b, c',
      after: 'c, a, d',
    });
});

test('a type that is told by its representation alone is titled so', () => {
  const change = compareTypes(my('tinyint(1)'), representations(my('tinyint(1)')).get('integer')!);
  assert.deepEqual([change?.before, change?.after], ['tinyint(1) as boolean', 'tinyint(1) as integer']);
});
