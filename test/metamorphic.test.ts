/**
 * The same question in REST and in GraphQL has the same rows, whatever the policies are: arbitrary rows, grants and
 * requests; and it has the same rows on every engine. `NOVASTACK_TEST_SEED` repeats a run, `NOVASTACK_TEST_WORLDS` says how many worlds there are (default 4).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Principal } from '../engine/auth/principal.ts';
import type { TestEngine } from './database.ts';
import { onEveryEngine } from './engines.ts';
import {
  keyDocument,
  keyPath,
  type Question,
  question,
  toConnection,
  toDocument,
  toPath,
  whereOf,
} from './metamorphic/question.ts';
import { roles, type World, world } from './metamorphic/shelf.ts';
import {
  emptySql,
  type Tree,
  toObject,
  tree,
  type Writable,
  wholeOf,
  writable,
  writeRows,
} from './metamorphic/tree.ts';
import { anonymous, type TestProjectOptions, token } from './project.ts';
import { testEngines } from './servers/identity.ts';
import { type GraphqlAnswer, type RestAnswer, type Surfaces, serveSurfaces } from './surfaces.ts';

const seed = Number(process.env.NOVASTACK_TEST_SEED ?? Date.now() % 2 ** 31);
const worlds = Number(process.env.NOVASTACK_TEST_WORLDS ?? 4);
const questionsEach = 15;

/** On every engine but the first fewer, since each server takes its time. */
const worldsOn = (engine: TestEngine) => (engine === 'postgres' ? worlds : Math.ceil(worlds / 2));

function on({ sql, yaml }: World | Writable, engine: TestEngine): TestProjectOptions {
  return { engine, sql: sql(engine), yaml };
}

onEveryEngine((engine) => {
  test('REST and GraphQL give the same rows for the same question, and pages are the list', async (t) => {
    t.diagnostic(`NOVASTACK_TEST_SEED=${seed}`);
    const told = { answered: 0, refused: 0 };
    const property = fc.asyncProperty(
      world,
      fc.array(question, { minLength: questionsEach, maxLength: questionsEach }),
      async (chosen, questions) => {
        const afters: (() => unknown)[] = [];
        try {
          const surfaces = await serveSurfaces(
            { after: (work) => void afters.unshift(work) },
            on(chosen, engine),
          );
          for (const asked of questions)
            for (const caller of callers) told[await holds(asked, caller, surfaces, chosen)] += 1;
        } finally {
          for (const work of afters) await work();
        }
      },
    );
    // A world takes a database: what fails is shown as it is, not made small.
    await fc.assert(property, { seed, numRuns: worldsOn(engine), endOnFailure: true });
    t.diagnostic(`${told.answered} answered, ${told.refused} refused`);
    assert.ok(told.answered > 0 && told.refused > 0, JSON.stringify(told));
  });

  test('a nested insert is the inserts one by one, or nothing when one of them is refused', async (t) => {
    t.diagnostic(`NOVASTACK_TEST_SEED=${seed}`);
    const told = { written: 0, refused: 0 };
    const property = fc.asyncProperty(
      writable,
      fc.array(tree, { minLength: 12, maxLength: 12 }),
      async (chosen, trees) => {
        const afters: (() => unknown)[] = [];
        try {
          const surfaces = await serveSurfaces(
            { after: (work) => void afters.unshift(work) },
            on(chosen, engine),
          );
          for (const one of trees) told[await insertsAlike(one, surfaces, engine)] += 1;
        } finally {
          for (const work of afters) await work();
        }
      },
    );
    await fc.assert(property, { seed, numRuns: worldsOn(engine), endOnFailure: true });
    t.diagnostic(`${told.written} written, ${told.refused} refused`);
  });
});

test('MariaDB and MySQL give the rows that PostgreSQL gives for the same question', async (t) => {
  t.diagnostic(`NOVASTACK_TEST_SEED=${seed}`);
  const told = { answered: 0, refused: 0 };
  const property = fc.asyncProperty(
    world,
    fc.array(question, { minLength: questionsEach, maxLength: questionsEach }),
    async (chosen, questions) => {
      const afters: (() => unknown)[] = [];
      try {
        const all: Surfaces[] = [];
        for (const engine of testEngines)
          all.push(await serveSurfaces({ after: (work) => void afters.unshift(work) }, on(chosen, engine)));
        for (const asked of questions)
          for (const caller of callers) told[await answersAlike(asked, caller, all)] += 1;
      } finally {
        for (const work of afters) await work();
      }
    },
  );
  await fc.assert(property, { seed, numRuns: Math.ceil(worlds / 2), endOnFailure: true });
  t.diagnostic(`${told.answered} answered, ${told.refused} refused`);
  assert.ok(told.answered > 0 && told.refused > 0, JSON.stringify(told));
});

/** The list by both languages, and its number of rows, are the first engine's on every other. */
async function answersAlike(
  asked: Question,
  caller: Principal,
  all: readonly Surfaces[],
): Promise<'answered' | 'refused'> {
  const { query, variables } = toDocument(asked);
  const path = toPath(asked);
  const [first, ...others] = await Promise.all(
    all.map(async ({ rest, graphql }) => {
      const list = await rest(caller, path, { prefer: 'count=exact' });
      const range = list.headers['content-range'];
      return { rest: [list.status, list.body, range], graphql: await graphql(caller, query, variables) };
    }),
  );
  for (const other of others)
    assert.deepEqual(other, first, `${caller.role}: ${path}\n${JSON.stringify({ query, variables })}`);
  return first!.graphql.errors === undefined ? 'answered' : 'refused';
}

async function insertsAlike(
  one: Tree,
  { graphql, sql }: Surfaces,
  engine: TestEngine,
): Promise<'written' | 'refused'> {
  const writer = token('writer', { sub: 'u1' });
  const document = (table: string) =>
    `mutation ($object: ${table}_insert_input!) { row: insert_${table}_one(object: $object) { id } }`;
  const empty = () => sql(emptySql(engine));
  const refused = new Error('refused');
  await empty();
  const single = async (table: string, object: Readonly<Record<string, unknown>>) => {
    const { data } = await graphql(writer, document(table), { object });
    if (data === undefined) throw refused;
    return (data.row as { id: number }).id;
  };
  const outcome = await writeRows(one, single).then(
    () => 'written' as const,
    (error) => (error === refused ? ('refused' as const) : Promise.reject(error)),
  );
  const left = outcome === 'written' ? await wholeOf(sql) : [];
  await empty();
  const nested = await graphql(writer, document(one.table), { object: toObject(one) });
  const what = JSON.stringify([toObject(one), nested]);
  assert.equal(nested.errors === undefined ? 'written' : 'refused', outcome, what);
  assert.deepEqual(await wholeOf(sql), left, what);
  return outcome;
}

const callers: readonly Principal[] = [
  ...roles.map((role) => (role === 'visitor' ? anonymous(role) : token(role, { sub: 'u1' }))),
  token('member', { sub: 'u2' }),
  // Without the claim that policies ask for.
  token('editor'),
];

async function holds(
  asked: Question,
  caller: Principal,
  { rest, graphql }: Surfaces,
  { cuts }: World,
): Promise<'answered' | 'refused'> {
  const path = toPath(asked);
  const document = toDocument(asked);
  const ask = (one: { query: string; variables: Readonly<Record<string, unknown>> }) =>
    graphql(caller, one.query, one.variables);
  const [list, same] = [await rest(caller, path), await ask(document)];
  const what = `${caller.role}: ${path}\n${JSON.stringify(document)}\n`;
  const rows = rowsOf(list);
  assert.deepEqual(dataOf(same, asked.table), rows, `${what}${JSON.stringify([list.body, same])}`);
  const key = asked.columns.length;
  const [row, sameRow] = [await rest(caller, keyPath(asked, key)), await ask(keyDocument(asked, key))];
  const single = row.status === 404 && sameRow.errors === undefined ? null : rowOf(row);
  assert.deepEqual(dataOf(sameRow, 'row'), single, `${what}${JSON.stringify([key, row.body, sameRow])}`);
  if (rows === undefined) return 'refused';
  await pagesHold(asked, caller, { rest, graphql }, cuts, what);
  return 'answered';
}

/** Pages of seven, concatenated, are the whole list; the count is that of its rows. */
async function pagesHold(
  asked: Question,
  caller: Principal,
  { rest, graphql }: Pick<Surfaces, 'rest' | 'graphql'>,
  cuts: boolean,
  what: string,
): Promise<void> {
  const read = async (limit: number | null, offset: number | null) => {
    const { query, variables } = toDocument(asked, { limit, offset });
    return dataOf(await graphql(caller, query, variables), asked.table) as readonly unknown[];
  };
  const whole = await read(null, null);
  const pages: unknown[] = [];
  for (let page = await read(7, 0); page.length > 0; page = await read(7, pages.length)) pages.push(...page);
  assert.deepEqual(pages.slice(0, whole.length), whole, what);
  if (!cuts) assert.equal(pages.length, whole.length, what);
  for (const forwards of [true, false])
    assert.deepEqual(await connectionOf(asked, forwards, caller, graphql, what), pages, what);
  const { table } = asked;
  const counted = await graphql(
    caller,
    `query ($where: ${table}_bool_exp) { all: ${table}_aggregate(where: $where) { aggregate { count } } }`,
    { where: whereOf(asked) },
  );
  // Not every grant has aggregates.
  if (counted.errors !== undefined) return;
  assert.deepEqual(counted.data, { all: { aggregate: { count: pages.length } } }, what);
  const exact = await rest(caller, toPath({ ...asked, limit: 1, offset: null }), { prefer: 'count=exact' });
  assert.equal(String(exact.headers['content-range']).split('/')[1], String(pages.length), what);
}

interface Page {
  readonly edges: readonly { readonly node: unknown }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

/** All rows by pages of a connection, from either end. */
async function connectionOf(
  asked: Question,
  forwards: boolean,
  caller: Principal,
  graphql: Surfaces['graphql'],
  what: string,
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  let cursor: string | null = null;
  for (;;) {
    const { query, variables } = toConnection(asked, forwards, cursor);
    const answer = await graphql(caller, query, variables);
    assert.equal(answer.errors, undefined, `${what}${query}`);
    const { edges, pageInfo, totalCount }: Page = answer.data!.page as Page;
    const nodes = edges.map(({ node }) => node);
    if (forwards) all.push(...nodes);
    else all.unshift(...nodes);
    const more = forwards ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
    if (!more) {
      assert.equal(totalCount, all.length, what);
      return all;
    }
    assert.ok(nodes.length > 0, what);
    cursor = forwards ? pageInfo.endCursor : pageInfo.startCursor;
  }
}

/** Undefined when it is refused. */
function rowsOf({ status, body }: RestAnswer): unknown {
  return status === 200 || status === 206 ? (body as readonly object[]) : undefined;
}

function rowOf({ status, body }: RestAnswer): unknown {
  return status === 200 ? body : undefined;
}

function dataOf({ data }: GraphqlAnswer, name: string): unknown {
  return data?.[name];
}
