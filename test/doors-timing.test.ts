/** A hidden row and one that is not there: the same answer, by the same number of statements, in the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scope, TestEngine } from './database.ts';
import { type Answered, type Doors, openDoors } from './doors.ts';
import { onEveryEngine } from './engines.ts';
import { cases, nightly } from './nightly.ts';
import { token } from './project.ts';

const me = token('me', { sub: 'me', org: 'a' });

/** The hidden rows are long and many: to read one, or to walk over them, takes time. */
const sql = (engine: TestEngine) => `
create table notes (id int primary key, owner varchar(20), org varchar(20), slug varchar(40), body text, ${engine === 'postgres' ? '' : 'key (owner), '}constraint notes_slug unique (org, slug));
${engine === 'postgres' ? 'create index on notes (owner);' : ''}
create table marks (id int primary key, note_id int, foreign key (note_id) references notes (id));
insert into notes values (1, 'me', 'a', 's1', 'x'), (2, 'me', 'a', 's2', 'x');
${
  engine === 'postgres'
    ? "insert into notes select g, 'you', 'b', 'hidden' || g, repeat('canary ', 3000) from generate_series(100, 399) g; analyze;"
    : `insert into notes select 100 + n, 'you', 'b', concat('hidden', 100 + n), repeat('canary ', 3000)
       from json_table(concat('[0', repeat(',0', 299), ']'), '$[*]' columns (n for ordinality)) a; analyze table notes;`
}`;

const own = '{ owner: $jwt.sub }';
const yaml = `
roles: { me: {} }
tables:
  notes:
    permissions:
      me:
        select: { columns: [id, owner, slug, body], where: ${own}, aggregate: true }
        insert: { columns: [id, org, slug, body], set: { owner: $jwt.sub }, check: { org: $jwt.org } }
        update: { columns: [org, slug, body], where: ${own}, check: { org: $jwt.org } }
        delete: { where: ${own} }
  marks: { permissions: { me: { select: true, insert: { columns: "*", check: { note: ${own} } } } } }
`;

type Door = readonly [name: string, ask: (doors: Doors, id: number) => Promise<Answered>];

const rest =
  (request: (id: number) => string, json?: (id: number) => unknown, headers = {}): Door[1] =>
  (doors, id) =>
    doors.rest(me, request(id), { headers, ...(json && { json: json(id) }) });
const graphql = (document: (id: number) => string): Door[1] => {
  // As a variable, so that hidden and absent share the text that is kept.
  return (doors, id) => doors.graphql(me, document(0), { id, slug: `hidden${id}` });
};

/** Rows 100 to 399 are hidden; those from 1000 on are not there. */
const doorsOf: readonly Door[] = [
  ['GET by key', rest((id) => `GET /notes/${id}`)],
  ['GET by a filter', rest((id) => `GET /notes?id=eq.${id}&select=id,body`)],
  ['GET by a unique column', rest((id) => `GET /notes?slug=eq.hidden${id}&select=id`)],
  ['GET by a pattern', rest((id) => `GET /notes?id=eq.${id}&body=match.^(canary%20)*x&select=id`)],
  ['HEAD with a count', rest((id) => `HEAD /notes?id=eq.${id}`, undefined, { prefer: 'count=exact' })],
  ['PATCH', rest((id) => `PATCH /notes?id=eq.${id}`, () => ({ body: 'y' }))],
  ['PATCH with If-Match', rest((id) => `PATCH /notes/${id}`, () => ({ body: 'y' }), { 'if-match': '*' })],
  ['DELETE', rest((id) => `DELETE /notes?id=eq.${id}`)],
  ['DELETE by a pattern', rest((id) => `DELETE /notes?id=eq.${id}&body=match.canary`)],
  ['an insert that its check refuses', rest(() => 'POST /notes', (id) => ({ id: 5, org: 'b', slug: `hidden${id}` }))],
  ['an update that its check refuses', rest(() => 'PATCH /notes?id=eq.1', (id) => ({ org: 'b', slug: `hidden${id}` }))],
  ['a reference that its check refuses', rest(() => 'POST /marks', (id) => ({ id: 5, note_id: id }))],
  ['by_pk', graphql(() => 'query ($id: Int!) { notes_by_pk(id: $id) { id body } }')],
  ['aggregate', graphql(() => 'query ($id: Int!) { notes_aggregate(where: { id: { _eq: $id } }) { aggregate { count } } }')],
  ['update_by_pk', graphql(() => 'mutation ($id: Int!) { update_notes_by_pk(pk_columns: { id: $id }, _set: { body: "y" }) { id } }')],
  ['delete_by_pk', graphql(() => 'mutation ($id: Int!) { delete_notes_by_pk(id: $id) { id } }')],
  ['an object that its check refuses', graphql(() => 'mutation ($slug: String!) { insert_notes_one(object: { id: 5, org: "b", slug: $slug }) { id } }')],
]; // biome-ignore format: one line each

/** Of requests for each door. What a statement more would take is seen by the count of statements, whatever the machine does. */
const pairs = cases(12, 200);

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

type Times = readonly (readonly [hidden: number, absent: number])[];

/** How often the first of a pair is the slower one: half of the time, where nothing tells the two apart. */
function slowerShare(times: Times): number {
  return times.filter(([one, other]) => one > other).length / times.length;
}

function mediansOf(times: Times): readonly [number, number] {
  return [median(times.map(([ms]) => ms)), median(times.map(([, ms]) => ms))];
}

/** Both a difference that one can use and one that is there each time: one alone is what a busy machine gives now and then. */
function isTold(times: Times): boolean {
  const [hidden, absent] = mediansOf(times);
  const isLarge = Math.max(hidden, absent) > 1.5 * Math.min(hidden, absent);
  return isLarge && Math.abs(slowerShare(times) - 0.5) > 0.45;
}

test('a difference that is there each time is seen, and one of chance is not', () => {
  const noise = (index: number) => ((index * 7919) % 100) / 100;
  const times = (more: number): Times =>
    Array.from({ length: pairs }, (_, index) => [1 + more + noise(index), 1 + noise(index + 50)]);
  assert.ok(isTold(times(3)));
  assert.ok(!isTold(times(0)));
});

async function measured(doors: Doors, ask: Door[1], round: number) {
  const timed = async (id: number) => {
    const started = performance.now();
    const answer = await ask(doors, id);
    return { answer, ms: performance.now() - started };
  };
  const hiddenId = 100 + (round % 300);
  const absentId = 1000 + round;
  // By turns, so that what goes before is no help to the one alone.
  if (round % 2 === 0) {
    const hidden = await timed(hiddenId);
    return { hidden, absent: await timed(absentId) };
  }
  const absent = await timed(absentId);
  return { hidden: await timed(hiddenId), absent };
}

const neutral = (text: string) => text.replace(/hidden\d+|\b1\d{3}\b|\b[123]\d\d\b/g, '#');

async function open(scope: Scope, engine: TestEngine): Promise<Doors> {
  return openDoors(scope, { engine, sql: sql(engine), yaml });
}

onEveryEngine((engine) => {
  test('a hidden key and an absent one are told apart by no answer, no statement and no clock', async (t) => {
    const doors = await open(t, engine);
    const before = await doors.sql('select count(*) as n from notes');
    for (const [name, ask] of doorsOf) {
      const times: [number, number][] = [];
      // The first few prepare statements and plans.
      for (let round = -6; round < pairs; round += 1) {
        const { hidden, absent } = await measured(doors, ask, round + 6);
        const [one, other] = [hidden.answer, absent.answer];
        assert.deepEqual([one.status, neutral(one.text)], [other.status, neutral(other.text)], name);
        assert.doesNotMatch(one.text, /canary/);
        if (round < 0) continue;
        assert.equal(one.statements, other.statements, name);
        times.push([hidden.ms, absent.ms]);
      }
      const [hidden, absent] = mediansOf(times);
      const told = `${name}: ${hidden.toFixed(2)} ms hidden, ${absent.toFixed(2)} ms absent, hidden slower ${(slowerShare(times) * 100).toFixed(0)} %`;
      if (nightly) t.diagnostic(told);
      assert.ok(!isTold(times), told);
    }
    assert.deepEqual(await doors.sql('select count(*) as n from notes'), before);
  });
});
