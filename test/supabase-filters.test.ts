/** A program written for Supabase, unchanged: every filter that supabase-js has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgrestFilterBuilder } from '@supabase/supabase-js';
import { testEngines } from './servers/identity.ts';
import { openLibrary } from './supabase-world.ts';

// biome-ignore lint/suspicious/noExplicitAny: the client has no Database type here
type Filter = PostgrestFilterBuilder<any, any, any, any>;

/** What is found; on MariaDB and MySQL, where that is otherwise: other rows, or the code of a refusal. */
type Case = readonly [
  name: string,
  (books: Filter) => Filter,
  ids: readonly number[],
  others?: readonly number[] | string,
];

const filters: readonly Case[] = [
  ['eq', (books) => books.eq('title', 'Rivers, Slow'), [3]],
  ['eq, with what the grammar has', (books) => books.eq('title', 'A "Quoted" (Title)'), [4]],
  ['eq, exactly', (books) => books.eq('copies', 9007199254740993n), [1]],
  ['neq', (books) => books.neq('genre', 'novel'), [2, 4]],
  ['gt and lt', (books) => books.gt('price', 5.25).lt('price', 20), [1]],
  ['gte and lte', (books) => books.gte('price', 5.25).lte('price', 10.5), [1, 2]],
  ['like', (books) => books.like('title', '%Fox%'), [1, 2]],
  ['like with stars', (books) => books.like('title', 'Fox*'), [2]],
  ['likeAllOf', (books) => books.likeAllOf('title', ['%Fox%', '%Quick%']), [1]],
  ['likeAnyOf', (books) => books.likeAnyOf('title', ['%Slow', '%Hens']), [2, 3]],
  ['ilike', (books) => books.ilike('title', '%FOX%'), [1, 2]],
  ['ilikeAllOf', (books) => books.ilikeAllOf('title', ['%fox%', '%HENS']), [2]],
  ['ilikeAnyOf', (books) => books.ilikeAnyOf('title', ['the%', 'RIVERS%']), [1, 3]],
  ['regexMatch', (books) => books.regexMatch('title', '^(The|A) '), [1, 4]],
  ['regexIMatch', (books) => books.regexIMatch('title', 'slow$'), [3]],
  ['is null', (books) => books.is('price', null), [3]],
  ['is false', (books) => books.is('published', false), [4]],
  ['isDistinct', (books) => books.isDistinct('price', 20), [1, 2, 3]],
  ['in', (books) => books.in('id', [1, 3, 99]), [1, 3]],
  ['in, with what the grammar has', (books) => books.in('title', ['Rivers, Slow', 'Foxes and Hens']), [2, 3]],
  ['in nothing', (books) => books.in('id', []), []],
  ['notIn', (books) => books.notIn('id', [1, 3]), [2, 4]],
  ['contains, an array', (books) => books.contains('labels', ['red']), [1, 3]],
  ['contains, words in it', (books) => books.contains('labels', ['"two words"', 'red']), [3]],
  ['contains, JSON', (books) => books.contains('meta', { size: { cm: [20] } }), [1]],
  ['contains, a list in JSON', (books) => books.contains('meta->tags', '["wet"]'), [3]],
  ['contains, a range', (books) => books.contains('loan', '[2024-01-05,2024-01-06)'), [1], '42703'],
  ['containedBy, an array', (books) => books.containedBy('labels', ['new', 'old', 'red']), [1, 2, 4]],
  ['containedBy, JSON', (books) => books.containedBy('meta', { pages: 90, more: true }), [2, 4]],
  ['containedBy, a range', (books) => books.containedBy('loan', '[2024-01-01,2024-03-01)'), [1, 2], '42703'],
  ['rangeGt', (books) => books.rangeGt('loan', '[2024-01-01,2024-02-01)'), [2, 3], '42703'],
  ['rangeGte', (books) => books.rangeGte('loan', '[2024-02-01,2024-02-02)'), [2, 3], '42703'],
  ['rangeLt', (books) => books.rangeLt('loan', '[2024-03-01,2024-04-01)'), [1, 2], '42703'],
  ['rangeLte', (books) => books.rangeLte('loan', '[2024-01-15,2024-02-01)'), [1], '42703'],
  ['rangeAdjacent', (books) => books.rangeAdjacent('loan', '[2024-02-01,2024-02-10)'), [1], '42703'],
  ['overlaps, a range', (books) => books.overlaps('loan', '[2024-01-20,2024-02-10)'), [1, 2], '42703'],
  ['overlaps, an array', (books) => books.overlaps('labels', ['new', 'red']), [1, 2, 3]],
  ['textSearch', (books) => books.textSearch('words', "'fox' & !'hen'"), [1], '42703'],
  [
    'textSearch, of a text',
    (books) => books.textSearch('title', 'river:*', { config: 'english' }),
    [3],
    '0A000',
  ],
  ['textSearch, of a text, in no language', (books) => books.textSearch('title', "'Quick' | 'Slow'"), [1, 3]],
  ['textSearch, plain', (books) => books.textSearch('words', 'hens foxes', { type: 'plain' }), [2], '42703'],
  [
    'textSearch, plain, by another language',
    (books) => books.textSearch('words', 'hens', { type: 'plain', config: 'simple' }),
    [],
    '42703',
  ],
  [
    'textSearch, phrase',
    (books) => books.textSearch('words', 'quick fox', { type: 'phrase', config: 'english' }),
    [1],
    '42703',
  ],
  [
    'textSearch, websearch',
    (books) => books.textSearch('words', 'foxes -quick or river', { type: 'websearch' }),
    [2, 3],
    '42703',
  ],
  ['match', (books) => books.match({ genre: 'novel', published: true }), [1, 3]],
  ['not', (books) => books.not('price', 'is', null), [1, 2, 4]],
  ['not in', (books) => books.not('id', 'in', '(1,2)'), [3, 4]],
  ['not like any', (books) => books.not('title', 'like(any)', '{%Fox%,%Slow}'), [4]],
  ['or', (books) => books.or('id.eq.2,title.ilike.*quick*'), [1, 2]],
  ['or, with and in it', (books) => books.or('id.eq.4,and(genre.eq.novel,price.is.null)'), [3, 4]],
  ['or, quoted', (books) => books.or('title.eq."Rivers, Slow",title.eq."A \\"Quoted\\" (Title)"'), [3, 4]],
  ['or, twice', (books) => books.or('id.eq.1,id.eq.2').or('id.eq.2,id.eq.3'), [2]],
  ['or, on arrays and JSON', (books) => books.or('labels.cs.{new},meta->>pages.eq.300'), [1, 2]],
  ['filter', (books) => books.filter('id', 'in', '(2,4)').filter('price', 'gt', 6), [4]],
  ['a JSON path', (books) => books.eq('meta->size->cm->>0', '20'), [1]],
  ['a JSON path, as a number', (books) => books.gt('meta->pages', 100), [1]],
  ['a computed column', (books) => books.eq('title_length', 13), [1], '42703'],
];

for (const engine of testEngines)
  test(`every filter of supabase-js finds what it says on ${engine}`, async (t) => {
    const { client } = await openLibrary(t, { engine });
    const staff = client('staff');
    for (const [name, apply, ids, others = ids] of filters)
      await t.test(name, async () => {
        const { data, error } = await apply(staff.from('books').select('id')).order('id');
        const found = error === null ? data?.map(({ id }: { id: number }) => id) : error.code;
        assert.deepEqual(found, engine === 'postgres' ? ids : others, JSON.stringify(error));
      });
  });
