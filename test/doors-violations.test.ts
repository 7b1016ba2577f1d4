/** What stands in the way of a row, and what is told of it: to a caller whose own row may not be written, nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scope, TestEngine } from './database.ts';
import { type Answered, type Asked, contents, type Doors, openDoors } from './doors.ts';
import { onEveryEngine } from './engines.ts';
import { token } from './project.ts';

const me = token('me', { sub: 'me', org: 'a' });

/** Rows of the organization `b` and of other people are hidden. */
const sql = (engine: TestEngine) => `
create table people (id int primary key, owner varchar(20) not null);
create table notes (
  id int primary key, org varchar(20) not null, slug varchar(20) not null, person_id int, amount int default 1,
  constraint notes_slug unique (org, slug), constraint notes_person foreign key (person_id) references people (id)
);
create table cards (id int primary key, person_id int, foreign key (person_id) references people (id));
create table boards (id int primary key, person_id int unique, parent_id int, foreign key (person_id) references people (id), foreign key (parent_id) references boards (id));
create table stamps (id int primary key, org varchar(20), slug varchar(20) unique, made varchar(20) default 'a');
insert into people values (1, 'me'), (2, 'canary');
insert into notes (id, org, slug, person_id) values (1, 'a', 'mine', 1), (2, 'b', 'canary', 2), (3, 'a', 'other', null);
insert into boards values (1, 1, null), (2, 2, null);
insert into stamps (id, org, slug) values (1, 'a', 'mine'), (2, 'b', 'canary');
${
  engine === 'postgres'
    ? `create function stamped() returns trigger language plpgsql as $$ begin if new.org = 'x' then new.org := 'a'; end if; return new; end $$;
       create trigger stamped before insert or update on stamps for each row execute function stamped();`
    : `create trigger stamped before insert on stamps for each row set new.org = if(new.org = 'x', 'a', new.org);
       create trigger stamped_again before update on stamps for each row set new.org = if(new.org = 'x', 'a', new.org);`
}
`;

const org = '{ org: $jwt.org }';
const mine = '{ person: { owner: $jwt.sub } }';
const yaml = `
roles: { me: {}, writer: {} }
limits: { dry_run: [me] }
tables:
  people: { permissions: { me: { select: { columns: [id], where: { owner: $jwt.sub } } } } }
  notes:
    permissions:
      me:
        select: { columns: "*", where: ${org} }
        insert: { columns: [id, org, slug, person_id], check: ${org} }
        update: { columns: [id, org, slug, person_id, amount], where: ${org} }
        delete: { where: ${org} }
  cards:
    permissions:
      me:
        select: { columns: "*", where: ${mine} }
        insert: { columns: "*", check: ${mine} }
        update: { columns: [person_id], where: {}, check: ${mine} }
  boards:
    permissions:
      me:
        select: { columns: "*", where: ${mine} }
        insert: { columns: "*", check: { _and: [ ${mine}, { _or: [ { parent_id: { _is_null: true } }, { parent: ${mine} } ] } ] } }
        update: { columns: "*", where: ${mine} }
  stamps:
    permissions:
      me:
        select: { columns: "*", where: ${org} }
        insert: { columns: [id, org, slug], check: { org: $jwt.org, made: a } }
        update: { columns: [org, slug], where: ${org} }
      writer: { insert: { columns: [id, slug] } }
`;

async function open(scope: Scope, engine: TestEngine): Promise<Doors> {
  return openDoors(scope, { engine, sql: sql(engine), yaml });
}

const codeOf = ({ body }: Answered) => {
  const { code, errors } = body as {
    code?: string;
    errors?: { extensions: { novastack: { code: string } } }[];
  };
  return code ?? errors?.[0]?.extensions.novastack.code;
};

interface Case {
  readonly of: string;
  /** The same but for a value that hidden rows have, and one that no row has. */
  readonly hidden: readonly [string, unknown?];
  readonly absent: readonly [string, unknown?];
  readonly prefer?: string;
}

const merge = 'resolution=merge-duplicates';
const ignore = 'resolution=ignore-duplicates';

const outside: readonly Case[] = [
  { of: 'a unique key', hidden: ['POST /notes', { id: 9, org: 'b', slug: 'canary' }], absent: ['POST /notes', { id: 9, org: 'b', slug: 'free' }] },
  { of: 'a primary key', hidden: ['POST /notes', { id: 2, org: 'b', slug: 'free' }], absent: ['POST /notes', { id: 9, org: 'b', slug: 'free' }] },
  { of: 'a unique key, beside a row that passes', hidden: ['POST /notes', [{ id: 8, org: 'a', slug: 'ok' }, { id: 9, org: 'b', slug: 'canary' }]], absent: ['POST /notes', [{ id: 8, org: 'a', slug: 'ok' }, { id: 9, org: 'b', slug: 'free' }]] },
  { of: 'a unique key that an upsert does not name', hidden: ['POST /notes', { id: 9, org: 'b', slug: 'canary' }], absent: ['POST /notes', { id: 9, org: 'b', slug: 'free' }], prefer: merge },
  { of: 'the key that an upsert names', hidden: ['POST /notes', { id: 2, org: 'b', slug: 'free' }], absent: ['POST /notes', { id: 9, org: 'b', slug: 'free' }], prefer: merge },
  { of: 'the unique key that an upsert names', hidden: ['POST /notes?on_conflict=org,slug', { id: 9, org: 'b', slug: 'canary' }], absent: ['POST /notes?on_conflict=org,slug', { id: 9, org: 'b', slug: 'free' }], prefer: merge },
  { of: 'a row that is passed over', hidden: ['POST /notes?on_conflict=org,slug', { id: 9, org: 'b', slug: 'canary' }], absent: ['POST /notes?on_conflict=org,slug', { id: 9, org: 'b', slug: 'free' }], prefer: ignore },
  { of: 'a row that is passed over for its key', hidden: ['POST /notes', { id: 2, org: 'b', slug: 'free' }], absent: ['POST /notes', { id: 9, org: 'b', slug: 'free' }], prefer: ignore },
  { of: 'a key of PUT', hidden: ['PUT /notes/2', { id: 2, org: 'b', slug: 'free' }], absent: ['PUT /notes/9', { id: 9, org: 'b', slug: 'free' }] },
  { of: 'a unique key, by an update', hidden: ['PATCH /notes?id=eq.1', { org: 'b', slug: 'canary' }], absent: ['PATCH /notes?id=eq.1', { org: 'b', slug: 'free' }] },
  { of: 'a unique key, by an update that reads', hidden: ['PATCH /notes?id=eq.1&select=id', { org: 'b', slug: 'canary' }], absent: ['PATCH /notes?id=eq.1&select=id', { org: 'b', slug: 'free' }], prefer: 'return=representation' },
  { of: 'a primary key, by an update', hidden: ['PATCH /notes?id=eq.1', { id: 2, org: 'b' }], absent: ['PATCH /notes?id=eq.1', { id: 9, org: 'b' }] },
  { of: 'a reference', hidden: ['POST /notes', { id: 9, org: 'b', slug: 'free', person_id: 2 }], absent: ['POST /notes', { id: 9, org: 'b', slug: 'free', person_id: 77 }] },
  { of: 'a reference, by an update', hidden: ['PATCH /notes?id=eq.1', { org: 'b', person_id: 2 }], absent: ['PATCH /notes?id=eq.1', { org: 'b', person_id: 77 }] },
  { of: 'a reference that the check follows', hidden: ['POST /cards', { id: 1, person_id: 2 }], absent: ['POST /cards', { id: 1, person_id: 77 }] },
  { of: 'a reference that the check follows, as a dry run', hidden: ['POST /cards', { id: 1, person_id: 2 }], absent: ['POST /cards', { id: 1, person_id: 77 }], prefer: 'tx=rollback' },
  { of: 'two references that the check follows', hidden: ['POST /boards', { id: 9, person_id: 2, parent_id: 1 }], absent: ['POST /boards', { id: 9, person_id: 77, parent_id: 1 }] },
  { of: 'a unique key, where a trigger changes rows', hidden: ['POST /stamps', { id: 9, org: 'b', slug: 'canary' }], absent: ['POST /stamps', { id: 9, org: 'b', slug: 'free' }] },
  { of: 'a row that is passed over, where a trigger changes rows', hidden: ['POST /stamps?on_conflict=slug', { id: 9, org: 'b', slug: 'canary' }], absent: ['POST /stamps?on_conflict=slug', { id: 9, org: 'b', slug: 'free' }], prefer: ignore },
  { of: 'a unique key by an update, where a trigger changes rows', hidden: ['PATCH /stamps?id=eq.1', { org: 'b', slug: 'canary' }], absent: ['PATCH /stamps?id=eq.1', { org: 'b', slug: 'free' }] },
]; // biome-ignore format: one line each

/** The same in GraphQL: what is written, with a value of hidden rows and with one of none. */
const documents = (engine: TestEngine): readonly (readonly [string, string, string])[] => {
  const key = (name: string) => (engine === 'postgres' ? name : 'PRIMARY');
  const note = (values: string, conflict = '') => `insert_notes_one(object: { ${values} }${conflict}) { id }`;
  const both = (of: string, field: (value: string) => string, hidden: string, absent: string) =>
    [of, `mutation { ${field(hidden)} }`, `mutation { ${field(absent)} }`] as const;
  const taken = 'id: 9, org: "b", slug: "canary"';
  const free = 'id: 9, org: "b", slug: "free"';
  const byId = `, on_conflict: { constraint: ${key('notes_pkey')}, update_columns: [slug] }`;
  return [
    both('a unique key', note, taken, free),
    both('a primary key', note, 'id: 2, org: "b", slug: "free"', free),
    both('a unique key that an upsert does not name', (values) => note(values, byId), taken, free),
    both('the key that an upsert names', (values) => note(values, byId), 'id: 2, org: "b", slug: "free"', free),
    both('a row that is passed over', (values) => note(values, ', on_conflict: { columns: [org, slug], update_columns: [] }'), taken, free),
    both('behind another root', (values) => `insert_notes(objects: [{ id: 8, org: "a", slug: "ok" }]) { affected_rows } ${note(values)}`, taken, free),
    both('an update', (set) => `update_notes(where: { id: { _eq: 1 } }, _set: { ${set} }) { affected_rows }`, 'org: "b", slug: "canary"', 'org: "b", slug: "free"'),
    both('an update by key', (set) => `update_notes_by_pk(pk_columns: { id: 1 }, _set: { ${set} }) { id }`, 'org: "b", slug: "canary"', 'org: "b", slug: "free"'),
    both('one of several updates', (set) => `update_notes_many(updates: [{ where: { id: { _eq: 3 } }, _set: { slug: "new" } }, { where: { id: { _eq: 1 } }, _set: { ${set} } }]) { affected_rows }`, 'org: "b", slug: "canary"', 'org: "b", slug: "free"'),
    both('what a key is counted up to', (by) => `update_notes(where: { id: { _eq: 1 } }, _inc: { id: ${by} }, _set: { org: "b" }) { affected_rows }`, '1', '8'),
    both('a reference', (values) => `insert_cards_one(object: { ${values} }) { id }`, 'id: 1, person_id: 2', 'id: 1, person_id: 77'),
    both('a reference, by an update', (set) => `update_notes(where: { id: { _eq: 1 } }, _set: { ${set} }) { affected_rows }`, 'org: "b", person_id: 2', 'org: "b", person_id: 77'),
  ];
}; // biome-ignore format: one line each

/** Of rows that pass: what is in their way is told, in names that the caller sees, without a value. */
const inside: readonly (readonly [string, unknown, number, string | undefined, string?])[] = [
  ['POST /notes', { id: 9, org: 'a', slug: 'mine' }, 409, '23505'],
  ['POST /notes', { id: 2, org: 'a', slug: 'new' }, 409, '23505'],
  ['POST /notes', [{ id: 9, org: 'a', slug: 'new' }, { id: 10, org: 'a', slug: 'new' }], 409, '23505'],
  ['POST /notes', { id: 9, org: 'a', slug: 'new', person_id: 77 }, 409, '23503'],
  ['POST /notes', { id: 2, org: 'a', slug: 'new' }, 403, '42501', merge],
  ['POST /notes', { id: 9, org: 'a', slug: 'mine' }, 409, '23505', merge],
  ['POST /notes?on_conflict=org,slug', { id: 9, org: 'a', slug: 'mine' }, 201, undefined, ignore],
  ['POST /notes', { id: 2, org: 'a', slug: 'new' }, 201, undefined, ignore],
  ['PATCH /notes?id=eq.1', { slug: 'other' }, 409, '23505'],
  ['PATCH /notes?id=eq.1', { id: 2 }, 409, '23505'],
  ['PATCH /notes?id=eq.1', { person_id: 77 }, 409, '23503'],
  ['PATCH /boards?id=eq.1', { id: 2 }, 409, '23505'],
  ['POST /boards', { id: 9, person_id: 1, parent_id: 1 }, 409, '23505'],
  // As it is given it does not pass; that a trigger would make it pass is known when it is written.
  ['POST /stamps', { id: 9, org: 'x', slug: 'canary' }, 403, '42501'],
  ['POST /stamps', { id: 9, org: 'a', slug: 'canary' }, 409, '23505'],
]; // biome-ignore format: one line each

onEveryEngine((engine) => {
  test('a row that its check refuses is refused alike, whatever stands in its way', async (t) => {
    const doors = await open(t, engine);
    const before = await contents(doors);
    const alike = async (of: string, hidden: () => Promise<Answered>, absent: () => Promise<Answered>) => {
      // Once before, so that statements are prepared.
      await hidden();
      await absent();
      const [one, other] = [await hidden(), await absent()];
      assert.deepEqual([one.status, one.text, one.headers], [other.status, other.text, other.headers], of);
      assert.equal(codeOf(one), '42501', of);
      return [one.statements, other.statements] as const;
    };
    for (const { of, hidden, absent, prefer } of outside) {
      const ask =
        ([request, json]: readonly [string, unknown?]) =>
        () =>
          doors.rest(me, request, { json, ...(prefer && { headers: { prefer } }) } as Asked);
      const [one, other] = await alike(of, ask(hidden), ask(absent));
      // Of what a trigger may change, more is known when a row is written: on these servers by statements of its own.
      if (engine === 'postgres' || !of.includes('trigger')) assert.equal(one, other, of);
    }
    for (const [of, hidden, absent] of documents(engine)) {
      const [one, other] = await alike(
        of,
        () => doors.graphql(me, hidden),
        () => doors.graphql(me, absent),
      );
      assert.equal(one, other, of);
    }
    assert.equal(await contents(doors), before);
  });

  test('what stands in the way of a row that passes is told without a value', async (t) => {
    const doors = await open(t, engine);
    const before = await contents(doors);
    for (const [request, json, status, code, prefer] of inside) {
      const answer = await doors.rest(me, request, { json, ...(prefer && { headers: { prefer } }) } as Asked);
      assert.deepEqual([answer.status, answer.text === '' ? undefined : codeOf(answer)], [status, code], `${request} ${JSON.stringify(json)} ${answer.text}`);
      assert.doesNotMatch(answer.text, /canary|mine|new"|77|Key \(/, request);
      assert.equal(await contents(doors), before, request);
    }
    // Names of columns that the role does not know are not told.
    const blind = await doors.rest(token('writer'), 'POST /stamps', { json: { id: 1, slug: 'free' } });
    assert.deepEqual([blind.status, codeOf(blind)], [409, '23505']);
    assert.doesNotMatch(blind.text, /org|made/);
    // Rows that pass are written: by themselves, and where a trigger makes them pass.
    for (const [request, json] of [
      ['POST /notes', { id: 9, org: 'a', slug: 'free', person_id: 1 }],
      ['POST /cards', { id: 1, person_id: 1 }],
      ['POST /stamps', { id: 9, org: 'x', slug: 'free' }],
      ['PATCH /notes?id=eq.9', { slug: 'freed' }],
    ] as const) {
      const answer = await doors.rest(me, request, { json });
      assert.ok(answer.status < 300, `${request} ${answer.text}`);
    }
    assert.deepEqual(await doors.sql('select id, org, slug from stamps where id = 9'), [{ id: 9, org: 'a', slug: 'free' }]);
  }); // biome-ignore format: lines
});
