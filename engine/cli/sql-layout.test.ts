/** Laid out, a statement says what it said. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { layoutSql } from './sql-layout.ts';

test('clauses begin lines, subqueries stand further in, and what is quoted is left alone', () => {
  assert.equal(
    layoutSql(
      `SELECT "a FROM b", f(x ORDER BY y) FROM t LEFT JOIN u ON (t.a = u.a) WHERE a = '( SELECT  ''x'' ' AND EXISTS (SELECT 1 FROM v WHERE (true)) ORDER BY \`x WHERE\` LIMIT 5`,
      '> ',
    ),
    `> SELECT "a FROM b", f(x ORDER BY y)
> FROM t
> LEFT JOIN u ON (t.a = u.a)
> WHERE a = '( SELECT  ''x'' ' AND EXISTS (
>   SELECT 1
>   FROM v
>   WHERE (true)
> )
> ORDER BY \`x WHERE\`
> LIMIT 5`,
  );
});

test('nothing but blanks is another in the statements of the dialects', async () => {
  const file = path.join(import.meta.dirname, '../dialect/conformance.recorded.sql');
  const bare = (text: string) => text.replaceAll(/\s+/g, '');
  for (const text of (await readFile(file, 'utf8')).split('\n\n'))
    assert.equal(bare(layoutSql(text)), bare(text));
});
