/** Properties of the whole grammar: no text of a caller becomes part of a statement, and no text is answered with 5xx. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../engine/dialect/postgres/compiler.ts';
import { Problem } from '../engine/problem/problem.ts';
import { authorize } from '../engine/query/authorize.ts';
import { plan } from '../engine/query/plan.ts';
import type { ApiRequest } from '../engine/query/request.ts';
import { parseCall } from '../engine/rest/parse/call.ts';
import { parseRequest } from '../engine/rest/parse/request.ts';
import { token } from './project.ts';
import { type Served, serve } from './rest.ts';

const sql = `
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
const yaml = `
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
  doubled: { permissions: { me: { execute: true } } }
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

const own: ReadonlySet<string> = new Set([
  'public', 'pg_catalog', 'makers', 'things', 'members', 'doubled', 'found', 'body', 'called', 'value', 'written', 'excluded', 'position', 's',
  'novastack_inserted', 'id', 'maker_id', 'title', 'size', 'meta', 'raw', 'tags', 'span', 'words', 'label', 'user_id', 'sizes', 'int4', 'int8',
  'text', 'numeric', 'json', 'jsonb', '_int4', '_text', 'int4range', 'tsvector', 'date', 'regconfig',
]); // biome-ignore format: a list
const generated = /^(?:[tcgk][0-9]+|novastack_[0-9]+|written[0-9]+)$/;

/** Every word of SQL that the compiler writes. */
const words: ReadonlySet<string> = new Set(
  `all and any array_agg as asc avg between bool bool_and boolean boolout bpcharout by case coalesce conflict count cross current_setting default delete desc
  distinct do else end excluded exists false filter first from full group having ilike in inner insert int int4 int8 into is join json json_agg json_array_elements
  json_build_array json_build_object json_strip_nulls json_to_recordset jsonb last lateral left like limit materialized max min not nothing now null nullif nulls of
  offset on operator or order outer over partition pg_catalog phraseto_tsquery plainto_tsquery returning row row_number row_to_json select set similar string_agg sum text textin then
  to to_json to_jsonb to_tsquery to_tsvector true union unknown update using values variadic websearch_to_tsquery when where with xmax e`.split(
    /\s+/,
  ),
);

test('no text of a caller is part of a statement but as a literal, a label or a parameter', async (t) => {
  const served = await serve(t, { sql, yaml });
  const { api } = served;
  let compiled = 0;
  const runs = 4000;
  fc.assert(
    fc.property(request, (one) => {
      let text: string;
      let parsed: ApiRequest;
      try {
        parsed = parse(served, one);
        text = compile(authorize(plan(parsed, api, me), api, me)).statement.text;
      } catch (error) {
        assert.ok(error instanceof Problem && error.status < 500, String(error));
        return;
      }
      compiled += 1;
      const known = labels(parsed);
      const skeleton = text.replace(/'(?:[^']|'')*'|"((?:[^"]|"")*)"/g, (whole) => {
        if (whole.startsWith("'")) return " '' ";
        const name = whole.slice(1, -1).replaceAll('""', '"');
        assert.ok(own.has(name) || generated.test(name) || known.has(name), `identifier ${name} in ${text}`);
        return ' "" ';
      });
      assert.match(skeleton, /^[\w$.,()\s:*=<>!~@&|?#+'"[\]-]*$/, text);
      assert.doesNotMatch(skeleton, /--|\/\*|;/, text);
      for (const [word] of skeleton.matchAll(/[A-Za-z_]\w*/g)) assert.ok(words.has(word.toLowerCase()), `${word} in ${text}`);
      // The values are of no account.
      const blank = { ...parsed, values: parsed.values.map(() => null) } as ApiRequest;
      assert.equal(compile(authorize(plan(blank, api, me), api, me)).statement.text, text);
    }),
    { numRuns: runs },
  );
  assert.ok(compiled > runs / 5, `${compiled} of ${runs} requests were understood`);
}); // biome-ignore format: lines

test('no request is answered with 5xx or with what its caller may not see', async (t) => {
  const served = await serve(t, { sql, yaml });
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
    { numRuns: 2500 },
  );
  assert.ok((statuses.get(200) ?? 0) > 100, JSON.stringify([...statuses]));
  assert.deepEqual(await served.sql('select * from things order by id'), before);
}); // biome-ignore format: lines
