/** What a check refuses is not to stay written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject } from '../../../test/project.ts';

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
