import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SearchError, type SearchForm, toBooleanSearch } from './boolean-search.ts';
import { isSearchQuery } from './search-query.ts';

const rules: readonly (readonly [SearchForm, string, string | null])[] = [
  ['fts', 'cat', '+cat'],
  ['fts', '', ''],
  ['fts', 'cat & dog', '+cat +dog'],
  ['fts', 'cat | dog', 'cat dog'],
  ['fts', 'cat & !dog', '+cat -dog'],
  ['fts', '!!cat', '+cat'],
  ['fts', '(cat | dog) & bird', '+(cat dog) +bird'],
  ['fts', 'cat & dog | bird', '(+cat +dog) bird'],
  ['fts', 'cat & !(dog | bird)', '+cat -(dog bird)'],
  ['fts', 'cat & !(dog & bird)', '+cat -(+dog +bird)'],
  ['fts', 'fat <-> cat', '"fat cat"'],
  ['fts', 'fat <1> cat & dog', '+"fat cat" +dog'],
  ['fts', 'cat:*', '+cat*'],
  ['fts', "'fat cat'", '"fat cat"'],
  ['fts', "'it''s' & dog", '+"it s" +dog'],
  ['fts', 'e-mail & x@y', '+"e mail" +"x y"'],
  ['fts', '+cat', '+cat'],
  ['fts', '@ & cat', '+cat'],
  ['fts', '!cat', null],
  ['fts', 'cat | !dog', null],
  ['fts', '!cat & !dog', null],
  ['fts', 'fat <2> cat', null],
  ['fts', 'fat <-> (cat | dog)', null],
  ['fts', 'cat:A', null],
  ['plfts', 'The fat CATS!', '+The +fat +CATS'],
  ['plfts', '+ - * "', ''],
  ['plfts', 'cat* -dog (x)', '+cat +dog +x'],
  ['phfts', 'the fat cat', '"the fat cat"'],
  ['phfts', 'cat', '+cat'],
  ['wfts', 'fat cat', '+fat +cat'],
  ['wfts', '"fat cat" dog', '+"fat cat" +dog'],
  ['wfts', 'fat OR cat dog', 'fat (+cat +dog)'],
  ['wfts', 'cat -dog -"hot dog"', '+cat -dog -"hot dog"'],
  ['wfts', '"never closed', '"never closed"'],
  ['wfts', 'or or', ''],
  ['wfts', '-cat', null],
];

describe('a search query in boolean mode', () => {
  for (const [form, text, expected] of rules) {
    it(`of ${form} ${JSON.stringify(text)} is ${expected === null ? 'refused' : JSON.stringify(expected)}`, () => {
      if (expected === null) assert.throws(() => toBooleanSearch(text, form), SearchError);
      else assert.equal(toBooleanSearch(text, form), expected);
    });
  }

  it('is well-formed, whatever the text', () => {
    const signs = fc.string({ unit: fc.constantFrom(...'ab \'"\\&|!()<>-:*+~@%é'.split('')), maxLength: 30 });
    fc.assert(
      fc.property(signs, fc.constantFrom<SearchForm>('fts', 'plfts', 'phfts', 'wfts'), (text, form) => {
        if (form === 'fts' && !isSearchQuery(text)) return;
        let written: string;
        try {
          written = toBooleanSearch(text, form);
        } catch (error) {
          assert.ok(error instanceof SearchError);
          return;
        }
        // Words and phrases go, then lists of what is left, until one is left.
        let left = written.replaceAll(/"[\p{L}\p{N}_]+(?: [\p{L}\p{N}_]+)+"|[\p{L}\p{N}_]+\*?/gu, 'w');
        for (let before = ''; before !== left; ) {
          before = left;
          left = left.replaceAll(/\((?:[+-]?w)(?: [+-]?w)*\)/g, 'w');
        }
        assert.match(left, /^(?:[+-]?w(?: [+-]?w)*)?$/);
      }),
    );
  });
});
