/** A small world with rights: grants and row-level security for PostgREST, permissions for NovaStack. */
import { randomBytes } from 'node:crypto';
import { type Scope, serverUrl } from '../database.ts';
import { openAdmin } from '../servers/identity.ts';
import type { Case, Expected } from './case.ts';
import { openSides, type Sides } from './sides.ts';

const sql = (role: string) => `
create table letters (id int primary key, owner text, title text, secret text);
create table closed (id int primary key);
create table slots (day date, no int, title text, primary key (day, no)) partition by range (day);
create table slots_2024 partition of slots for values from ('2024-01-01') to ('2025-01-01');
insert into letters values (1, 'u7', 'mine', 's'), (2, 'u8', 'theirs', 's');
insert into slots values ('2024-01-01', 1, 'old');
grant select (id, owner, title), insert (id, owner, title), update (title), delete on letters to ${role};
grant select, insert, update on slots to ${role};
alter table letters enable row level security;
alter table slots enable row level security;
create policy seen on letters for select using (owner = 'u7');
create policy added on letters for insert with check (true);
create policy seen on slots for select using (true);
create policy added on slots for insert with check (title <> 'taken');
create policy changed on slots for update using (true) with check (title <> 'frozen');
`;

const yaml = `
roles: { web: {} }
tables:
  letters:
    permissions:
      web:
        select: { columns: [id, owner, title], where: { owner: u7 } }
        insert: { columns: [id, owner, title] }
  closed: {}
  slots:
    permissions:
      web:
        select: true
        insert: { columns: "*", check: { title: { _neq: taken } } }
        update: { columns: "*", check: { title: { _neq: frozen } } }
`;

/** Roles belong to the whole server: this one has a name of its own, and goes when `scope`'s databases have gone. */
export async function openGrants(scope: Scope): Promise<Sides> {
  const role = `ns_test_${randomBytes(8).toString('hex')}`;
  await onServer(`create role ${role}`);
  const world = { sql: sql(role), yaml, schemas: ['public'], writable: ['letters', 'slots'], maxRows: 1000 };
  try {
    return await openSides(scope, { ...world, user: role });
  } finally {
    scope.after(() => onServer(`drop role ${role}`));
  }
}

async function onServer(statement: string): Promise<void> {
  const admin = await openAdmin(await serverUrl('postgres'));
  try {
    await admin.query(statement);
  } finally {
    await admin.close();
  }
}

const refused = (status: number, code: string): Expected => ({ status, code });
const wanted = { prefer: 'return=representation' };

export const grantCases: readonly Case[] = [
  { request: 'GET /letters?select=id,owner,title' },
  { request: 'GET /letters?select=id&id=eq.2' },
  { request: 'POST /letters', json: { id: 3, owner: 'u7', title: 'new' } },
  { request: 'POST /letters', json: { id: 3, owner: 'u8', title: 'new' } },
  { request: 'POST /slots', json: { day: '2024-02-02', no: 1, title: 'free' } },
  { request: 'POST /slots', json: { day: '2024-02-02', no: 1, title: 'taken' } },
  { request: 'PATCH /slots?no=eq.1', json: { title: 'taken' } },
  { request: 'PATCH /slots?no=eq.1', json: { title: 'frozen' } },
  {
    request: 'POST /slots',
    json: { day: '2024-01-01', no: 1, title: 'taken' },
    headers: { prefer: 'resolution=merge-duplicates' },
  },
  {
    difference: 'a table without any grant for the role',
    request: 'GET /closed',
    ours: refused(404, 'PGRST205'),
  },
  {
    difference: 'a column that is hidden or not granted',
    request: 'GET /letters?select=secret',
    ours: refused(400, '42703'),
  },
  {
    difference: 'a column that is hidden or not granted',
    request: 'POST /letters',
    json: { id: 3, secret: 'x' },
    ours: refused(400, 'PGRST204'),
  },
  {
    difference: 'rows that may be written and not read',
    request: 'POST /letters?select=id',
    json: { id: 3, owner: 'u8', title: 'new' },
    headers: wanted,
    ours: { status: 201, body: '[]' },
  },
  {
    difference: 'an upsert on a view or a partitioned table',
    request: 'POST /slots',
    json: { day: '2024-03-03', no: 1, title: 'frozen' },
    headers: { prefer: 'resolution=merge-duplicates' },
    ours: refused(403, '42501'),
  },
];
