/** What is taken for a search query: all of it is one for PostgreSQL too, whose error would tell that there is a row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDatabase } from '../../test/database.ts';
import { isSearchQuery } from './search-query.ts';

const taken = [
  '', ' ', 'a', 'a & b', 'a&b|c', '!a', '!!a', 'a & !b', '(a | b) & c', '((a))', 'a <-> b', 'a <2> b', 'a <-> (b | c)',
  'a:*', 'a:A', 'a:ab*', 'a:* & b:C', "'a b'", "'a b':*", "'it''s'", 'größe', '😀 & x', 'a\\&b', 'a.b', 'a-b', "l'a", '"a"', '1 & 2',
  ' a & b ', "'a\\'b'", '\\a', 'a <0> b', 'a <9999> b',
]; // biome-ignore format: a list
const refused = [
  'a b', 'a &', '& a', '!', 'a ! b', '()', '(a', 'a)', 'a & & b', 'a || b', 'a <> b', 'a <x> b', 'a <99999> b', "'a", "'", 'a:x',
  'a:', ':', ':*', '*', 'a <-> ', "''", 'a\\', '\\', 'a & (b', 'a < b', 'a <16384> b',
]; // biome-ignore format: a list

for (const text of taken) test(`takes ${JSON.stringify(text)}`, () => assert.ok(isSearchQuery(text)));
for (const text of refused) test(`refuses ${JSON.stringify(text)}`, () => assert.ok(!isSearchQuery(text)));

test('takes nothing that PostgreSQL refuses', async (t) => {
  const { query } = await createDatabase(t, 'postgres');
  await query(`create function is_query(query text) returns bool language plpgsql as $$ begin
    perform to_tsquery('simple', query); return true; exception when others then return false; end $$`);
  const piece = fc.oneof(
    fc.constantFrom('a', 'b c', '&', '|', '!', '(', ')', '<->', '<3>', '<', '>', ':', '*', ':A', "'", "''", '\\', ' ', '\t', '\n', '\v', '.', '"', '-', 'é', '😀'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
  ); // biome-ignore format: pieces
  const texts = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const given = [...taken, ...fc.sample(texts, 20_000).filter(isSearchQuery)];
  assert.ok(given.length > 2_000);
  const found = await query('select text from unnest($1::text[]) text where not is_query(text)', [given]);
  assert.deepEqual(found, []);
});

test('reads deep and long texts without recursing into them, in linear time', () => {
  const started = performance.now();
  assert.ok(isSearchQuery(`${'('.repeat(60)}a${')'.repeat(60)}`));
  assert.ok(!isSearchQuery(`${'('.repeat(100_000)}a${')'.repeat(100_000)}`));
  assert.ok(isSearchQuery(`a|b&c<->${'!'.repeat(28)}a`));
  assert.ok(!isSearchQuery(`${'!'.repeat(29)}a`));
  assert.ok(!isSearchQuery(`${'!'.repeat(100_000)}a`));
  assert.ok(isSearchQuery(Array(50_000).fill('ab').join(' & ')));
  assert.ok(!isSearchQuery(`'${'a'.repeat(200_000)}`));
  assert.ok(!isSearchQuery('\\'.repeat(200_001)));
  assert.ok(performance.now() - started < 2_000);
});
