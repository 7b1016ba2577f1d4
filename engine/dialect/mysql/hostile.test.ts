/** What a check refuses is not to stay written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import { serve } from '../../../test/rest.ts';

const me = token('me');

for (const engine of ['mysql', 'mariadb'] as const)
  test(`on ${engine} nothing is written to a table that keeps what is undone`, async (t) => {
    const verbs =
      'insert: { columns: "*", check: { owner: me } }, update: { columns: "*", where: {} }, delete: { where: {} }';
    const permissions = `{ me: { select: true, ${verbs} } }`;
    const { diagnostics } = await createProject(t, {
      engine,
      sql: `
create table notes (id int primary key, owner varchar(20)) engine = MyISAM;
create table parts (id int primary key, owner varchar(20)) engine = InnoDB partition by hash (id) partitions 2;
create view seen as select id, owner from notes;
create view over_seen as select id, owner from seen;
create view of_parts as select id, owner from parts;`,
      yaml: `
roles: { me: {} }
tables:
  notes: { permissions: ${permissions} }
  parts: { permissions: ${permissions} }
  seen: { key: [id], permissions: ${permissions} }
  over_seen: { key: [id], permissions: ${permissions} }
  of_parts: { key: [id], permissions: ${permissions} }
`,
      allowErrors: true,
    });
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      ['table public.notes', 'view public.seen', 'view public.over_seen'].flatMap((one) => {
        const [kind, name] = one.split(' ');
        return ['insert', 'update', 'delete'].map(
          (verb) => `Relation "${name}" is a ${kind} that the database cannot ${verb}.`,
        );
      }),
    );
  });

for (const engine of ['mysql', 'mariadb'] as const)
  test(`on ${engine} JSON that is too deep for the database tells of no hidden row`, async (t) => {
    const sql = `
create table rooms (id int primary key, title varchar(20));
create table notes (id int primary key, room int, owner varchar(20), j json, foreign key (room) references rooms (id));
insert into rooms values (1, 'one'), (2, 'two');
insert into notes values (1, 1, 'me', null);
create view seen as select id, j from notes where owner = 'me';`;
    const hidden = `
insert into notes values (2, 2, 'you', '{"a":[[1]]}'), (3, 2, 'you', '[[[]]]'), (4, 2, 'you', '"x"');`;
    const grant = (where: string) =>
      `{ select: { columns: "*", where: ${where} }, update: { columns: [j], where: ${where} }, delete: { where: ${where} } }`;
    const yaml = `
roles: { plain: {}, deep: {} }
limits: { dry_run: [plain, deep] }
tables:
  rooms: {}
  seen: { key: [id], permissions: { plain: ${grant('{}')} } }
  notes: { permissions: { plain: ${grant('{ owner: me }')}, deep: ${grant('{ rooms: { title: one } }')} } }
`;
    const databases = [
      await serve(t, { engine, sql, yaml }),
      await serve(t, { engine, sql: `${sql}${hidden}`, yaml }),
    ];
    const deep = `${'['.repeat(90)}${']'.repeat(90)}`;
    const filters = ['cs', 'cd', 'eq', 'neq', 'gt', 'lte', 'isdistinct', 'not.cs'].flatMap((operator) =>
      ['j', 'j->a', 'j->0'].map((column) => `${encodeURIComponent(column)}=${operator}.${deep}`),
    );
    const headers = { prefer: 'tx=rollback' };
    const verbs = [
      ['GET', {}],
      ['DELETE', { headers }],
      ['PATCH', { headers, json: { j: 1 } }],
    ] as const;
    const wrong: string[] = [];
    for (const [role, table] of [
      ['plain', 'notes'],
      ['deep', 'notes'],
      ['plain', 'seen'],
    ] as const)
      for (const filter of filters)
        for (const [verb, asked] of verbs) {
          const answers = [];
          for (const { ask } of databases) {
            const { status, text } = await ask(token(role), `${verb} /${table}?${filter}`, asked);
            answers.push(`${status} ${text}`);
          }
          if (answers[0] !== answers[1])
            wrong.push(`${role}: ${verb} /${table}?${filter.slice(0, 20)} ${answers[1]}`);
        }
    assert.deepEqual(wrong, []);
  });

for (const engine of ['mysql', 'mariadb'] as const)
  test(`on ${engine} a text that a column cannot hold tells of no row that a view hides`, async (t) => {
    const { ask } = await serve(t, {
      engine,
      sql: `
create table base (id int primary key, owner varchar(20), narrow varchar(20) character set latin1, body text);
insert into base values (1, 'me', null, 'x'), (2, 'you', 'x', 'x');
create view seen as select * from base where owner = 'me';`,
      yaml: `
roles: { me: {} }
tables:
  seen: { key: [id], permissions: { me: { select: true, update: { columns: [body], where: {} }, delete: { where: {} } } } }
`,
    });
    for (const operator of ['eq', 'neq', 'gt', 'isdistinct', 'not.eq', 'like', 'ilike'])
      for (const [verb, asked] of [
        ['GET', {}],
        ['PATCH', { json: { body: 'x' } }],
        ['DELETE', {}],
      ] as const) {
        const id = operator === 'isdistinct' && verb === 'DELETE' ? 'id=eq.2&' : '';
        const { status, text } = await ask(me, `${verb} /seen?${id}narrow=${operator}.%E6%97%A5`, asked);
        assert.ok(status < 300, `${verb} ${operator} ${text}`);
      }
  });
