import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { builtinType } from '../../catalog/builtin-types.ts';
import type { Argument, Catalog, Routine, Type } from '../../catalog/catalog.ts';
import { arrayType, domainType, signature } from '../../catalog/type.ts';
import { openEmbedded } from '../../execute/embedded.ts';
import type { Pool } from '../dialect.ts';
import { postgres } from './dialect.ts';
import { openPool } from './pool.ts';
import { configOf, type Scratch, scratchDatabase } from './scratch.fixture.ts';

/** 63 bytes, the longest name there is. */
const longest = `${'é'.repeat(30)}abc`;
const hostile = ['__proto__', 'constructor', 'a"b', 'a.b', 'select', '😀', longest, ' ', "'; --"];

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const ddl = `
CREATE SCHEMA api;
CREATE SCHEMA other;
CREATE TYPE mood AS ENUM ('fine', 'bad');
CREATE TYPE other.place AS (room numeric(4,1), moods mood[], gone int);
ALTER TYPE other.place DROP ATTRIBUTE gone;
CREATE DOMAIN spot AS other.place;
CREATE DOMAIN score AS int CHECK (value > 0);
CREATE TABLE books (id int PRIMARY KEY, gone int, price numeric(10,2));
ALTER TABLE books DROP COLUMN gone;
CREATE TABLE other.shelves (no score);
CREATE TABLE other.nothing ();
CREATE VIEW cheap AS SELECT * FROM books WHERE price < 5;

CREATE FUNCTION plain(a int, b text DEFAULT 'x', c mood DEFAULT 'bad') RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
COMMENT ON FUNCTION plain IS 'Says x.';
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION unnamed(json) RETURNS json LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION mixed(int, b score) RETURNS SETOF score LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT b';
CREATE FUNCTION many(VARIADIC words text[]) RETURNS int LANGUAGE sql AS 'SELECT cardinality(words)';
CREATE FUNCTION any_number(a int, VARIADIC words text[] DEFAULT '{}') RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION one_out(a int, OUT b int) LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION through(INOUT a int, INOUT b text DEFAULT 'y') LANGUAGE sql AS 'SELECT a, b';
CREATE FUNCTION nameless(OUT int, OUT b text, OUT int) LANGUAGE sql AS $$ SELECT 1, 'x', 2 $$;
CREATE FUNCTION out_of_type(OUT b books) LANGUAGE sql AS 'SELECT b FROM books b';
CREATE FUNCTION twice(OUT column2 int, OUT int) LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION one_column() RETURNS TABLE (n int) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION columns(a int) RETURNS TABLE (n int, moods mood[]) LANGUAGE sql ROWS 1 AS 'SELECT 1, NULL::mood[]';
CREATE FUNCTION of_table(q text) RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books';
CREATE FUNCTION of_view() RETURNS cheap LANGUAGE sql STABLE AS 'SELECT * FROM cheap';
CREATE FUNCTION of_elsewhere() RETURNS SETOF other.shelves LANGUAGE sql STABLE ROWS 1 AS 'SELECT * FROM other.shelves';
CREATE FUNCTION of_nothing() RETURNS other.nothing LANGUAGE sql AS 'SELECT NULL::other.nothing';
CREATE FUNCTION of_type() RETURNS other.place LANGUAGE sql AS 'SELECT NULL::other.place';
CREATE FUNCTION of_domain() RETURNS spot LANGUAGE sql AS 'SELECT NULL::spot';
CREATE FUNCTION table_of_domain() RETURNS TABLE (s spot) LANGUAGE sql AS 'SELECT NULL::spot';
CREATE FUNCTION label(books) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'x' $$;
CREATE FUNCTION label(spot other.place, spots spot[], all_books books[]) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE FUNCTION label(a int8) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE FUNCTION api.plain() RETURNS int[] LANGUAGE sql AS 'SELECT NULL::int[]';
CREATE FUNCTION other.unseen() RETURNS int LANGUAGE sql AS 'SELECT 1';
${hostile
  .map(
    (name) =>
      `CREATE FUNCTION ${quoted(name)}(${quoted(name)} int) RETURNS TABLE (${hostile
        .filter((other) => other !== name)
        .map((other) => `${quoted(other)} int`)
        .join(', ')}) LANGUAGE sql AS 'SELECT ${hostile.slice(1).map(() => 1)}';`,
  )
  .join('\n')}

CREATE FUNCTION no_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION no_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION no_poly(a anyelement) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE FUNCTION no_poly(a anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT a[1]';
CREATE FUNCTION no_poly(a int) RETURNS text LANGUAGE sql AS $$ SELECT 'this overload has a form' $$;
CREATE FUNCTION no_record() RETURNS record LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION no_records() RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION no_argument(a record) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION no_cstrings() RETURNS cstring[] LANGUAGE sql AS 'SELECT NULL::cstring[]';
CREATE PROCEDURE no_procedure() LANGUAGE sql AS '';
CREATE AGGREGATE no_aggregate(int) (SFUNC = int4pl, STYPE = int);
CREATE FUNCTION no_window() RETURNS int8 LANGUAGE internal WINDOW AS 'window_row_number';
`;

/** A database of its own with the functions above. */
async function prepare(pool: Pool, text = ddl): Promise<Catalog> {
  await pool.migrate((session) =>
    session.apply(
      { project: 'test', database: 'main' },
      { kind: 'migration', name: '0001_all', sql: text, checksum: '', transaction: true },
    ),
  );
  return postgres.introspect(pool, ['public', 'api']);
}

const int = builtinType('int4');
const text = builtinType('text');
const mood: Type = {
  schema: 'public',
  name: 'mood',
  modifiers: '',
  family: 'enum',
  scalar: 'mood',
  labels: ['fine', 'bad'],
};
const moods = arrayType('public', '_mood', mood);
const score = domainType('public', 'score', int);
const composite = (schema: string, name: string): Type => ({
  schema,
  name,
  modifiers: '',
  family: 'composite',
  scalar: name,
});
const place = composite('other', 'place');
const spot = domainType('public', 'spot', place);
const price = builtinType('numeric', '(10,2)');
const bookColumns = new Map([
  ['id', int],
  ['price', price],
]);

function argument(name: string | null, type: Type, rest: Partial<Argument> = {}): Argument {
  return { name, type, optional: false, variadic: false, ...rest };
}

describe('functions of Postgres', () => {
  let scratch: Scratch;
  let catalog: Catalog;
  before(async () => {
    scratch = await scratchDatabase();
    catalog = await prepare(scratch.open());
  });
  after(() => scratch.drop());

  const overloadsOf = (key: string) => catalog.routines.get(key) ?? [];
  const one = (name: string): Routine => {
    const overloads = overloadsOf(`public.${name}`);
    assert.equal(overloads.length, 1, name);
    return overloads[0]!;
  };

  it('are read from the schemas asked for, in bytewise order, where they can be called', () => {
    assert.deepEqual(
      [...catalog.routines.keys()],
      [
        'api.plain',
        ...[
          ...hostile,
          ...[
            'any_number',
            'columns',
            'label',
            'many',
            'mixed',
            'nameless',
            'no_poly',
            'nothing',
            'of_domain',
          ],
          ...['of_elsewhere', 'of_nothing', 'of_table', 'of_type', 'of_view', 'one_column', 'one_out'],
          ...['out_of_type', 'plain', 'table_of_domain', 'through', 'unnamed'],
        ]
          .map((name) => `public.${name}`)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      ],
    );
  });

  it('have arguments with their types, defaults and comments', () => {
    assert.deepEqual(one('plain'), {
      schema: 'public',
      name: 'plain',
      comment: 'Says x.',
      arguments: [
        argument('a', int),
        argument('b', text, { optional: true }),
        argument('c', mood, { optional: true }),
      ],
      result: { kind: 'scalar', type: text, set: false },
      volatility: 'volatile',
      definer: false,
      oneRow: false,
    });
    assert.deepEqual(one('unnamed'), {
      schema: 'public',
      name: 'unnamed',
      comment: null,
      arguments: [argument(null, builtinType('json'))],
      result: { kind: 'scalar', type: builtinType('json'), set: false },
      volatility: 'immutable',
      definer: false,
      oneRow: false,
    });
    assert.deepEqual(one('mixed'), {
      schema: 'public',
      name: 'mixed',
      comment: null,
      arguments: [argument(null, int), argument('b', score)],
      result: { kind: 'scalar', type: score, set: true },
      volatility: 'stable',
      definer: true,
      oneRow: false,
    });
  });

  it('have variadic arguments, which may be left out where there is a default', () => {
    const words = arrayType('pg_catalog', '_text', text);
    assert.deepEqual(one('many').arguments, [argument('words', words, { variadic: true })]);
    assert.deepEqual(one('any_number').arguments, [
      argument('a', int),
      argument('words', words, { variadic: true, optional: true }),
    ]);
  });

  it('give back nothing, a value, or rows with columns of their own', () => {
    assert.deepEqual(one('nothing').result, { kind: 'void' });
    assert.deepEqual(one('one_out').arguments, [argument('a', int)]);
    const rows = (columns: readonly (readonly [string, Type])[], set: boolean) => ({
      kind: 'rows' as const,
      set,
      columns: new Map(columns),
      relation: null,
    });
    assert.deepEqual(one('one_out').result, rows([['b', int]], false));
    assert.deepEqual(one('through').arguments, [argument('a', int), argument('b', text, { optional: true })]);
    assert.deepEqual(
      one('through').result,
      rows(
        [
          ['a', int],
          ['b', text],
        ],
        false,
      ),
    );
    assert.deepEqual(
      one('nameless').result,
      rows(
        [
          ['column1', int],
          ['b', text],
          ['column3', int],
        ],
        false,
      ),
    );
    assert.deepEqual(one('one_column').result, rows([['n', int]], true));
    assert.deepEqual(
      one('columns').result,
      rows(
        [
          ['n', int],
          ['moods', moods],
        ],
        true,
      ),
    );
    assert.deepEqual([one('columns').oneRow, one('one_column').oneRow], [true, false]);
    assert.deepEqual(
      one('of_type').result,
      rows(
        [
          ['room', builtinType('numeric', '(4,1)')],
          ['moods', moods],
        ],
        false,
      ),
    );
  });

  it('give back rows of tables and views, wherever these are', () => {
    const rows = (schema: string, name: string, columns: ReadonlyMap<string, Type>, set: boolean) => ({
      kind: 'rows' as const,
      set,
      columns,
      relation: { schema, name },
    });
    assert.deepEqual(one('of_table').result, rows('public', 'books', bookColumns, true));
    assert.deepEqual(one('out_of_type').result, rows('public', 'books', bookColumns, false));
    assert.deepEqual(one('of_view').result, rows('public', 'cheap', bookColumns, false));
    assert.deepEqual(one('of_elsewhere').result, rows('other', 'shelves', new Map([['no', score]]), true));
    assert.equal(one('of_elsewhere').oneRow, true);
    assert.deepEqual(one('of_nothing').result, rows('other', 'nothing', new Map(), false));
  });

  it('take a domain over a composite for one value', () => {
    assert.deepEqual(one('of_domain').result, { kind: 'scalar', type: spot, set: false });
    assert.deepEqual(one('table_of_domain').result, { kind: 'scalar', type: spot, set: true });
  });

  it('have overloads in the order of their types, rows of tables among them', () => {
    const label = overloadsOf('public.label');
    assert.deepEqual(
      label.map((routine) => signature(routine.arguments)),
      ['int8', 'other.place, public.spot[], public.books[]', 'public.books'],
    );
    assert.deepEqual(label[2]!.arguments, [argument(null, composite('public', 'books'))]);
    assert.deepEqual(label[1]!.arguments, [
      argument('spot', place),
      argument('spots', arrayType('public', '_spot', spot)),
      argument('all_books', arrayType('public', '_books', composite('public', 'books'))),
    ]);
  });

  it('leave an overload out that has no form in an API', () => {
    assert.deepEqual(
      overloadsOf('public.no_poly').map((routine) => signature(routine.arguments)),
      ['int4'],
    );
  });

  it('may have hostile names, as may their arguments and columns', () => {
    for (const name of hostile) {
      const routine = one(name);
      assert.deepEqual(routine.name, name);
      assert.deepEqual(routine.arguments, [argument(name, int)]);
      assert.ok(routine.result.kind === 'rows');
      assert.deepEqual(
        [...routine.result.columns.keys()],
        hostile.filter((other) => other !== name),
      );
    }
  });

  it('of an extension are not listed', async () => {
    await scratch.sql('CREATE FUNCTION owned() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$');
    await scratch.sql('ALTER EXTENSION plpgsql ADD FUNCTION owned()');
    const again = await postgres.introspect(scratch.open(), ['public', 'api']);
    assert.deepEqual([...again.routines.keys()], [...catalog.routines.keys()]);
    assert.equal(again.fingerprint, catalog.fingerprint);
  });

  it('change the fingerprint with all that callers see of them', async () => {
    const pool = scratch.open();
    const seen = new Set([catalog.fingerprint]);
    for (const change of [
      'CREATE FUNCTION more() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'ALTER FUNCTION more() STABLE',
      'ALTER FUNCTION more() SECURITY DEFINER',
      `COMMENT ON FUNCTION more() IS 'x'`,
      'CREATE FUNCTION more(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'ALTER TYPE other.place RENAME ATTRIBUTE room TO chamber',
    ]) {
      await scratch.sql(change);
      const { fingerprint } = await postgres.introspect(pool, ['public', 'api']);
      assert.equal(seen.has(fingerprint), false, change);
      seen.add(fingerprint);
    }
    await scratch.sql('CREATE OR REPLACE FUNCTION more(a int) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$');
    assert.equal(seen.has((await postgres.introspect(pool, ['public', 'api'])).fingerprint), true);
  });

  it('are noticed by the poll when they come, change or go, and nothing else is', async () => {
    const pool = scratch.open();
    const poll = () => postgres.poll(pool, ['public', 'api']);
    let last = await poll();
    const changes = async (statement: string) => {
      await scratch.sql(statement);
      const now = await poll();
      const changed = now !== last;
      last = now;
      return changed;
    };
    for (const statement of [
      'CREATE FUNCTION polled(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE OR REPLACE FUNCTION polled(a int) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$',
      `COMMENT ON FUNCTION polled(int) IS 'x'`,
      'ALTER FUNCTION polled(int) STABLE',
      'ALTER FUNCTION polled(int) RENAME TO pulled',
      'DROP FUNCTION pulled(int)',
      'ALTER TYPE other.place ADD ATTRIBUTE more int',
      'ALTER TYPE other.place RENAME TO spotted',
      'ALTER TABLE other.shelves ADD COLUMN more int',
      'ALTER TABLE other.shelves RENAME TO boards',
    ])
      assert.equal(await changes(statement), true, statement);
    for (const statement of [
      'CREATE FUNCTION other.polled() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE FUNCTION pg_temp.polled() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE FUNCTION polled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      'CREATE VIEW other.polled AS SELECT 1 AS id',
    ])
      assert.equal(await changes(statement), false, statement);
  });
});

const views = `
CREATE SCHEMA IF NOT EXISTS api;
CREATE SCHEMA IF NOT EXISTS other;
CREATE TABLE papers (id int, owner text);
CREATE TABLE secrets (id int);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
CREATE TABLE other.secrets (id int);
ALTER TABLE other.secrets ENABLE ROW LEVEL SECURITY;
CREATE TABLE other.open (id int);
CREATE FUNCTION other.uid() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('request.jwt.claims', true) $$;
CREATE FUNCTION other.fixed() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' $$;
CREATE FUNCTION other.mine(text, text) RETURNS bool LANGUAGE sql STABLE AS $$ SELECT $1 = other.uid() $$;
CREATE OPERATOR other.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = other.mine);
CREATE VIEW plain AS SELECT * FROM papers WHERE owner = other.fixed() AND id < random();
CREATE VIEW of_open AS SELECT * FROM other.open;
CREATE VIEW by_setting AS SELECT * FROM papers WHERE owner = current_setting('request.jwt.claims', true);
CREATE VIEW by_user AS SELECT * FROM papers WHERE owner = current_user;
CREATE VIEW by_role AS SELECT * FROM papers WHERE owner = user;
CREATE VIEW by_session AS SELECT session_user AS who FROM papers;
CREATE VIEW by_function AS SELECT * FROM papers WHERE owner = other.uid();
CREATE VIEW by_operator AS SELECT * FROM papers WHERE owner OPERATOR(other.===) 'x';
CREATE VIEW over_table AS SELECT * FROM secrets;
CREATE VIEW other.between AS SELECT * FROM other.secrets;
CREATE VIEW other.further AS SELECT * FROM other.between;
CREATE VIEW over_views AS SELECT * FROM papers WHERE id IN (SELECT id FROM other.further);
CREATE MATERIALIZED VIEW stored AS SELECT * FROM over_views;
CREATE VIEW over_stored AS SELECT * FROM stored;
CREATE VIEW catalogs AS SELECT * FROM pg_settings;
CREATE VIEW written AS SELECT * FROM papers;
CREATE RULE writes AS ON DELETE TO written DO INSTEAD DELETE FROM secrets;
CREATE POLICY mine ON secrets USING (current_setting('request.jwt.claims', true) <> '');
CREATE POLICY mine ON other.secrets FOR SELECT USING (other.uid() = 'x');
CREATE TABLE closed (id int);
ALTER TABLE closed ENABLE ROW LEVEL SECURITY;
CREATE TABLE positive (id int);
ALTER TABLE positive ENABLE ROW LEVEL SECURITY;
CREATE POLICY positive ON positive USING (id > 0 AND other.fixed() = 'x') WITH CHECK (current_user = 'me');
CREATE VIEW over_positive AS SELECT * FROM positive;
CREATE TABLE shared (id int);
ALTER TABLE shared ENABLE ROW LEVEL SECURITY;
CREATE POLICY shared ON shared USING (id IN (SELECT id FROM other.further));
CREATE TABLE disabled (id int);
CREATE POLICY mine ON disabled USING (current_user = 'me');
`;

describe('relations whose rows depend on who asks', () => {
  let scratch: Scratch;
  let pool: Pool;
  before(async () => {
    scratch = await scratchDatabase();
    pool = scratch.open();
    await prepare(pool, views);
  });
  after(() => scratch.drop());

  it('ask for settings, users or functions in a view or a policy of row security, or are over such', async () => {
    const { relations } = await postgres.introspect(pool, undefined);
    const asking = [...relations.values()].filter(({ asksSession }) => asksSession);
    assert.deepEqual(
      asking.map(({ name }) => name),
      [
        ...['by_function', 'by_operator', 'by_role', 'by_session', 'by_setting', 'by_user'],
        ...['over_table', 'over_views', 'secrets', 'shared'],
      ],
    );
    assert.equal(relations.size, 21);
  });

  it('are noticed by the poll wherever the change was made', async () => {
    let last = await postgres.poll(pool, undefined);
    for (const statement of [
      'ALTER TABLE other.open ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY mine ON other.open USING (id::text = current_setting($$a.b$$, true))',
      'ALTER POLICY positive ON positive USING (current_user = $$me$$)',
      `CREATE OR REPLACE VIEW other.between AS SELECT 1 AS id`,
      'ALTER FUNCTION other.fixed() STABLE',
    ]) {
      await scratch.sql(statement);
      const now = await postgres.poll(pool, undefined);
      assert.notEqual(now, last, statement);
      last = now;
    }
    const { relations } = await postgres.introspect(pool, undefined);
    const asks = (name: string) => relations.get(`public.${name}`)!.asksSession;
    assert.deepEqual(
      [asks('of_open'), asks('over_views'), asks('plain'), asks('over_positive')],
      [true, false, true, true],
    );
  });
});

describe('functions of the embedded database', () => {
  it('are those of a server, and so are the relations that ask', { timeout: 120_000 }, async () => {
    const embedded = await openEmbedded({ folder: null });
    const scratch = await scratchDatabase();
    const inside = openPool({ config: configOf({ engine: 'embedded' }), url: embedded.url });
    try {
      const all = ddl + views;
      const [mine, theirs] = [await prepare(inside, all), await prepare(scratch.open(), all)];
      assert.deepEqual({ ...mine, version: '' }, { ...theirs, version: '' });
      assert.match(await postgres.poll(inside, undefined), /^(\d+:\d+ ?)+$/);
    } finally {
      await inside.close();
      await scratch.drop();
      await embedded.close();
    }
  });
});
