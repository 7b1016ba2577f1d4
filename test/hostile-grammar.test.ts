/** Properties of the whole grammar: no text of a caller becomes part of a statement, and no text is answered with 5xx. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Database } from '../engine/api/api.ts';
import { dialectFor } from '../engine/dialect/dialects.ts';
import { Problem } from '../engine/problem/problem.ts';
import { authorize } from '../engine/query/authorize.ts';
import { plan } from '../engine/query/plan.ts';
import type { ApiRequest } from '../engine/query/request.ts';
import { parseCall } from '../engine/rest/parse/call.ts';
import { parseRequest } from '../engine/rest/parse/request.ts';
import { token } from './project.ts';
import { type Served, serve } from './rest.ts';
import { type TestEngine, testEngines } from './servers/identity.ts';

const postgres = `
create table makers (id int primary key, label text);
create table things (
  id int primary key, maker_id int references makers, title text, size numeric, meta jsonb, raw json, tags int[], span int4range, words tsvector
);
create table members (user_id text);
create function doubled(things) returns numeric language sql stable as 'select $1.size * 2';
create function found(title text default '', sizes int[] default '{}') returns setof things language sql stable as 'select * from things';
insert into makers values (1, 'one');
insert into members values ('me');
insert into things values (1, 1, 'a', 1, '{"a":1}', '{"a":1}', '{1}', '[1,2)', 'a'), (2, 1, 'b', 2, '{}', '{}', '{}', 'empty', 'b');
insert into things values (3, 1, 'canary', 0, '"canary"', '{"a":"\\u0000"}', '{9}', '[8,9)', 'canary');
`;

/** Lists are labels of a SET, the computed column is a virtual one, and what gives rows is a procedure. */
const mysql = `
create table makers (id int primary key, label text);
create table members (user_id varchar(20));
create table things (
  id int primary key, maker_id int, title text, size decimal(20,4), meta json, raw json, tags set('1', '2', '9'), span double, words text,
  doubled decimal(21,4) generated always as (size * 2) virtual, foreign key (maker_id) references makers (id), fulltext (words)
);
create procedure found(title text) reads sql data select t.id, t.title, t.size from things t where t.id < 3;
insert into makers values (1, 'one');
insert into members values ('me');
insert into things (id, maker_id, title, size, meta, raw, tags, span, words) values
  (1, 1, 'a', 1, '{"a":1}', '{"a":1}', '1', 1.5, 'a'), (2, 1, 'b', 2, '{}', '{}', '', 1e300, 'b');
insert into things (id, maker_id, title, size, meta, raw, tags, span, words) values (3, 1, 'canary', 0, '"canary"', '{"a":"\\\\u0000"}', '9', -1e308, 'canary');
`;
const sqlOf = (engine: TestEngine) => (engine === 'postgres' ? postgres : mysql);

const yamlOf = (engine: TestEngine) => `
roles: { me: {} }
limits: { dry_run: [me] }
tables:
  members: {}
  makers: { permissions: { me: { select: true } } }
  things:
    permissions:
      me:
        select: { columns: "*", aggregate: true, where: { _exists: { table: members, where: { user_id: $jwt.sub } }, id: { _lt: 3 } } }
        insert: { columns: "*", check: { size: { _gte: 0 } } }
        update: { columns: "*", where: { id: { _lt: 3 } } }
        delete: { where: { id: { _lt: 3 } } }
functions:
${engine === 'postgres' ? '  doubled: { permissions: { me: { execute: true } } }' : ''}
  found: { permissions: { me: { execute: true } } }
`;
const me = token('me', { sub: 'me' });

/** What would end a literal, an identifier, a list or a statement if it ever stood in one. */
const evil = fc.oneof(
  fc.constantFrom(
    `zqx'zqx`, `zqx"zqx`, `'; drop table zqx; --`, `"; drop table zqx; --`, `zqx) or (1=1`, '$1', '$zqx$', '/* zqx', '\\', `\\'`, `''`, `""x`, '-- zqx',
    'zqx', 'E zqx', '😀', '__proto__', 'a.b', 't0', 'c0', 'g0', 'body', 'novastack_0', 'written', 'zqx\nzqx', ' ', '%', '*', '?',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('\0')),
); // biome-ignore format: a list
const quoted = evil.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
const rarely = <T>(often: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: often }, { weight: 1, arbitrary: seldom });
const sometimes = (text: fc.Arbitrary<string>) => rarely(fc.constant(''), text);

const column = rarely(
  fc.constantFrom('id', 'title', 'size', 'meta', 'raw', 'tags', 'span', 'words', 'doubled', 'maker_id'),
  quoted,
);
const path = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(fc.oneof(quoted, fc.constantFrom('a', '0', '-1')), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([steps, text]) => steps.map((step, at) => `${text && at === steps.length - 1 ? '->>' : '->'}${step}`).join('')),
  },
); // biome-ignore format: one line each
const cast = sometimes(
  rarely(fc.constantFrom('::text', '::int', '::numeric', '::jsonb', '::text[]', '::date', '::tsvector'), quoted.map((name) => `::${name}`)),
); // biome-ignore format: one line
const aggregate = sometimes(fc.constantFrom('.sum()', '.max()', '.count()', '.avg()'));
const alias = fc.oneof(fc.constant(''), quoted.map((name) => `${name}:`)); // biome-ignore format: one line
const field = rarely(
  fc.tuple(alias, column, path, cast, aggregate, cast).map((parts) => parts.join('')),
  fc.constantFrom('*', 'count()', 'n:count()'),
);
const fields = fc.array(field, { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
const makerFields = fc.array(
  fc.tuple(alias, fc.constantFrom('id', 'label', 'label::text'), path).map((parts) => parts.join('')),
  { minLength: 1, maxLength: 2 },
);
const embed = fc
  .tuple(
    fc.oneof(alias, fc.constant('...')),
    fc.constantFrom('maker', 'makers', 'makers!inner', 'makers!maker_id', 'maker!left'),
    makerFields,
  )
  .map(([name, relationship, inner]) => `${name}${relationship}(${inner.join(',')})`);
const select = fc
  .array(fc.oneof({ weight: 3, arbitrary: fields }, { weight: 1, arbitrary: embed }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((list) => list.join(','));
const value = fc.oneof(fc.constantFrom('1', 'a', '{1}', '{}', '[1,2)', '{"a":1}'), evil);
const operation = fc.tuple(
  fc.constantFrom('', '', 'not.'),
  fc.oneof(
    fc.tuple(fc.constantFrom('eq', 'neq', 'gt', 'lte', 'isdistinct', 'like', 'ilike', 'match', 'imatch', 'cs', 'cd', 'ov', 'sl', 'adj', 'plfts', 'wfts', 'phfts'), value).map((parts) => parts.join('.')),
    fc.tuple(fc.constantFrom('eq(any)', 'like(all)', 'gt(any)', 'match(any)'), fc.array(quoted, { maxLength: 3 })).map(([name, list]) => `${name}.{${list.join(',')}}`),
    fc.array(quoted, { maxLength: 3 }).map((list) => `in.(${list.join(',')})`),
    fc.tuple(rarely(fc.constantFrom('english', 'simple'), quoted.filter((name) => !/[.\d-]/.test(name))), value).map(([name, text]) => `plfts(${name}).${text}`),
    fc.constantFrom('is.null', 'is.not_null', 'is.true'),
  ),
).map((parts) => parts.join('')); // biome-ignore format: one line each
const within = fc.oneof(
  fc.tuple(fc.constantFrom('eq', 'gt', 'like', 'cs'), quoted).map((parts) => parts.join('.')),
  fc.constantFrom('is.null', 'in.(1,2)'),
);
const condition = fc.tuple(column, path, within).map(([name, place, text]) => `${name}${place}.${text}`);
const logic = fc.array(condition, { minLength: 1, maxLength: 3 }).map((list) => `(${list.join(',')})`);
const having = fc
  .tuple(
    fc.constantFrom('count()', 'size.sum()', 'id.max()', 'title.max()'),
    fc.constantFrom('gt.1', 'in.(1,2)', 'is.null', 'not.lt.9', 'like.a*'),
  )
  .map((parts) => parts.join('.'));
const order = fc
  .tuple(
    fc.oneof(
      fc.tuple(column, path).map((parts) => parts.join('')),
      fc.constantFrom('maker(label)', 'count()', 'size.sum()'),
    ),
    fc.constantFrom('', '.desc', '.asc.nullsfirst'),
  )
  .map((parts) => parts.join(''));
const parameter: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.tuple(column, path).map((parts) => parts.join('')), operation) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('or', 'and', 'not.or'), logic) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('order'), order) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('having'), having) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('limit', 'offset'), fc.constantFrom('0', '1', '5')) },
); // biome-ignore format: one line each
const accept = rarely(
  fc.constant('application/json'),
  fc.constantFrom(
    'text/csv',
    'application/vnd.pgrst.object+json',
    'application/vnd.pgrst.array+json;nulls=stripped',
  ),
);
const prefer = fc.constantFrom(
  '',
  'count=exact',
  'count=planned',
  'return=representation',
  'missing=default,resolution=merge-duplicates,return=representation',
);
const rows = fc.array(
  fc.dictionary(
    rarely(fc.constantFrom('id', 'title', 'size', 'meta', 'tags'), evil),
    fc.oneof(fc.integer({ min: 0, max: 9 }), evil, fc.constant(null)),
    { maxKeys: 3 },
  ),
  { minLength: 1, maxLength: 3 },
);

const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'PATCH', 'DELETE'),
  target: fc.constantFrom('things', 'things', 'things', 'rpc/found'),
  select: fc.option(select, { nil: undefined }),
  parameters: fc.array(parameter, { maxLength: 3 }),
  columns: fc.option(fc.constantFrom('id', 'id,title', 'id,title,size,meta,tags'), { nil: undefined }),
  accept,
  prefer,
  rows,
}); // biome-ignore format: one line each
type Request = typeof request extends fc.Arbitrary<infer One> ? One : never;

function queryOf({ select: fields, parameters, columns }: Request): string {
  const all = [...(fields === undefined ? [] : [['select', fields]]), ...parameters, ...(columns === undefined ? [] : [['columns', columns]])];
  return all.map(([key, text]) => `${encodeURIComponent(key!)}=${encodeURIComponent(text!)}`).join('&');
} // biome-ignore format: one line

function parse({ api }: Served, one: Request): ApiRequest {
  const world = api.world('me');
  const { method, target } = one;
  const common = { query: queryOf(one), accept: one.accept, prefer: one.prefer };
  const body = Buffer.from(JSON.stringify(method === 'POST' ? one.rows : one.rows[0]));
  if (target === 'things') {
    const table = world.rest('things')!;
    const written = method === 'POST' || method === 'PATCH' ? { body } : null;
    return parseRequest({ ...common, ...written, method: method as 'GET', table }, api.limits).request;
  }
  const called = method === 'GET' ? null : { body: Buffer.from('{"title":"zqx"}') };
  return parseCall({ ...common, ...called, method: method === 'GET' ? 'GET' : 'POST' }, world.rpc('found')!, api.limits).request;
} // biome-ignore format: one line

/** Names that a caller gives to what is answered. */
function labels(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, part] of Object.entries(value)) {
    if (key === 'as' && typeof part === 'string') found.add(part);
    else labels(part, found);
  }
  return found;
}

const ownOfPostgres: ReadonlySet<string> = new Set([
  'public', 'pg_catalog', 'makers', 'things', 'members', 'doubled', 'found', 'body', 'called', 'value', 'written', 'excluded', 'position', 's',
  'novastack_inserted', 'id', 'maker_id', 'title', 'size', 'meta', 'raw', 'tags', 'span', 'words', 'label', 'user_id', 'sizes', 'int4', 'int8',
  'text', 'numeric', 'json', 'jsonb', '_int4', '_text', 'int4range', 'tsvector', 'date', 'regconfig',
]); // biome-ignore format: a list
const generated = /^(?:[tcgk][0-9]+|novastack_[0-9]+|written[0-9]+)$/;

/** Every word of SQL that the compiler writes. */
const wordsOfPostgres: ReadonlySet<string> = new Set(
  `all and any array_agg as asc avg between bool bool_and boolean boolout bpcharout by case coalesce conflict count cross current_setting default delete desc
  distinct do else end excluded exists false filter first from full group having ilike in inner insert int int4 int8 into is join json json_agg json_array_elements
  json_build_array json_build_object json_strip_nulls json_to_recordset jsonb last lateral left like limit materialized max min not nothing now null nullif nulls of
  offset on operator or order outer over partition pg_catalog phraseto_tsquery plainto_tsquery returning row row_number row_to_json select set similar string_agg sum text textin then
  to to_json to_jsonb to_tsquery to_tsvector true union unknown update using values variadic websearch_to_tsquery when where with xmax e`.split(
    /\s+/,
  ),
);

const ownOfMysql: ReadonlySet<string> = new Set([
  'makers', 'things', 'members', 'found', 'doubled', 'id', 'maker_id', 'title', 'size', 'meta', 'raw', 'tags', 'span', 'words', 'label',
  'user_id', 'hand', 'written', 'position', 'novastack_first', 'novastack_position', 'utf8mb4_general_ci', 'utf8mb4_0900_ai_ci',
]); // biome-ignore format: a list

const wordsOfMysql: ReadonlySet<string> = new Set(
  `_utf8mb4 abs against all and as avg between bigint bin binary boolean by call case cast char char_length character coalesce collate columns concat
  conv convert count date datetime dayofmonth decimal default delete desc distinct double e e35 else elt end exists exp explain false field find_in_set
  float for format from g group group_concat having hex i if in inet4 inet6 insert into is items join json json_contains json_contains_path json_equals json_extract json_keys
  json_length json_normalize json_quote json_search json_table json_type json_unquote json_valid labels left like limit list locate longtext lower
  lpad match max mbri min mode month not null nullif offset on or order ordinality over p partition path places regexp regexp_like replace returning round
  one row_number select separator set sha2 signed st_a st_g stddev_pop stddev_samp straight_join substring substring_index sum then time tinyint to_base64
  trailing trim true unhex union unknown unsigned update using utf8mb4 utf8mb4_bin uuid uuid_to_bin v values var_pop var_samp when where with x`.split(
    /\s+/,
  ),
);

/** How an engine's statements are read. */
interface Skeleton {
  readonly own: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
  /** Literals and identifiers; the latter are the first group. */
  readonly quoted: RegExp;
  readonly doubled: string;
}

const ofPostgres: Skeleton = {
  own: ownOfPostgres,
  words: wordsOfPostgres,
  quoted: /'(?:[^']|'')*'|"((?:[^"]|"")*)"/g,
  doubled: '"',
};
const ofMysql: Skeleton = {
  own: ownOfMysql,
  words: wordsOfMysql,
  quoted: /'(?:[^']|'')*'|`((?:[^`]|``)*)`/g,
  doubled: '`',
};
const skeletons: Readonly<Record<TestEngine, Skeleton>> = {
  postgres: ofPostgres,
  mariadb: ofMysql,
  mysql: ofMysql,
};

for (const engine of testEngines) describe(`on ${engine}`, () => ofEngine(engine));

function ofEngine(engine: TestEngine): void {
  const { own, words, quoted: within, doubled } = skeletons[engine];

  test('no text of a caller is part of a statement but as a literal, a label or a parameter', async (t) => {
  const served = await serve(t, { engine, sql: sqlOf(engine), yaml: yamlOf(engine) });
  const { api } = served;
  const [{ engine: kind, catalog }] = [...api.databases.values()] as [Database];
  const { compile } = dialectFor(kind);
  const textOf = (request: ApiRequest) => compile(authorize(plan(request, api, me), api, me), catalog.capabilities).statement.text;
  let compiled = 0;
  const runs = engine === 'postgres' ? 4000 : 2000;
  fc.assert(
    fc.property(request, (one) => {
      let text: string;
      let parsed: ApiRequest;
      try {
        parsed = parse(served, one);
        text = textOf(parsed);
      } catch (error) {
        assert.ok(error instanceof Problem && error.status < 500, String(error));
        return;
      }
      compiled += 1;
      const known = labels(parsed);
      const skeleton = text.replace(within, (whole) => {
        if (whole.startsWith("'")) return " '' ";
        const name = whole.slice(1, -1).replaceAll(doubled + doubled, doubled);
        assert.ok(own.has(name) || generated.test(name) || known.has(name), `identifier ${name} in ${text}`);
        return ' "" ';
      });
      assert.match(skeleton, /^[\w$.,()\s:*=<>!~@&|?#+'"[\]/%;-]*$/, text);
      // Parts of a program stand one below the other.
      assert.doesNotMatch(skeleton, /--|\/\*|;(?!\n)/, text);
      for (const [word] of skeleton.matchAll(/[A-Za-z_]\w*/g)) assert.ok(words.has(word.toLowerCase()), `${word} in ${text}`);
      // The values are of no account.
      const blank = { ...parsed, values: parsed.values.map(() => null) } as ApiRequest;
      assert.equal(textOf(blank), text);
    }),
    { numRuns: runs },
  );
  assert.ok(compiled > runs / 8, `${compiled} of ${runs} requests were understood`);
}); // biome-ignore format: lines

  test('no request is answered with 5xx or with what its caller may not see', async (t) => {
  const served = await serve(t, { engine, sql: sqlOf(engine), yaml: yamlOf(engine) });
  const before = await served.sql('select * from things order by id');
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const { method, target, rows: given } = one;
      const writes = method !== 'GET' && target === 'things';
      const answer = await served.ask(me, `${target === 'rpc/found' && method !== 'GET' ? 'POST' : method} /${target}?${queryOf(one)}`, {
        headers: { accept: one.accept, prefer: writes ? `${one.prefer},tx=rollback` : one.prefer },
        ...(method === 'GET' || method === 'DELETE' ? null : { json: target === 'things' ? (method === 'POST' ? given : given[0]) : { title: 'x' } }),
      });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const what = `${JSON.stringify(one)} ${decodeURIComponent(queryOf(one))} ${answer.status} ${answer.text.slice(0, 300)}`;
      assert.ok(answer.status < 500, what);
      assert.doesNotMatch(answer.text, /canary/, what);
    }),
    { numRuns: engine === 'postgres' ? 2500 : 1200 },
  );
  assert.ok((statuses.get(200) ?? 0) > 50, JSON.stringify([...statuses]));
  assert.deepEqual(await served.sql('select * from things order by id'), before);
}); // biome-ignore format: lines
}
