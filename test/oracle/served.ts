/** A drawn world on a real server, behind both surfaces; and its rows, read and put back past the engine. */
import type { Principal } from '../../engine/auth/principal.ts';
import { createDatabase } from '../database.ts';
import { anonymous, token } from '../project.ts';
import { type Admin, openAdmin, type TestEngine } from '../servers/identity.ts';
import { type GraphqlAnswer, type Surfaces, serveSurfaces } from '../surfaces.ts';
import type { Claims } from './claims.ts';
import type { Wire } from './notation.ts';
import { anonymousRole } from './policy.ts';
import { fill, type Json, type Row, type Schema, type State } from './schema.ts';
import { type DrawnWorld, sqlOfWorld } from './world.ts';

export interface Served {
  readonly engine: TestEngine;
  readonly admin: Admin;
  readonly send: (role: string, claims: Claims, wire: Wire) => Promise<Got>;
  readonly state: () => Promise<State>;
  readonly restore: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Got {
  readonly status: number;
  readonly body: Json | undefined;
  /** Of all rows, as `Content-Range` tells it. */
  readonly total: number | undefined;
}

export async function serveWorld(world: DrawnWorld, engine: TestEngine): Promise<Served> {
  const afters: (() => unknown)[] = [];
  const scope = { after: (work: () => unknown) => void afters.unshift(work) };
  const close = async () => {
    for (const work of afters.splice(0)) await work();
  };
  try {
    const database = await createDatabase(scope, engine);
    const admin = await openAdmin(database.url);
    scope.after(() => admin.close());
    await admin.query(sqlOfWorld(world, engine));
    const surfaces = await serveSurfaces(scope, { engine, database, sql: '', yaml: world.yaml });
    return {
      engine,
      admin,
      close,
      send: (role, claims, wire) => send(principal(role, claims), wire, surfaces),
      state: () => readState(world.schema, admin, engine),
      restore: async () => void (await admin.query(fill(world.schema, world.state))),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function principal(role: string, claims: Claims): Principal {
  return role === anonymousRole ? anonymous(role) : token(role, claims);
}

async function send(caller: Principal, wire: Wire, surfaces: Surfaces): Promise<Got> {
  if (wire.surface === 'graphql') {
    let answer = await surfaces.graphql(caller, wire.query, wire.variables);
    // A machine under load may take longer than a document is given: that is no answer to what was asked.
    for (let time = 0; time < 30 && isLate(answer); time += 1)
      answer = await surfaces.graphql(caller, wire.query, wire.variables);
    return { status: 200, body: answer as Json, total: undefined };
  }
  const { method, path, headers, body } = wire;
  const answer = await surfaces.rest(caller, path, headers, { method, body });
  const total = /\/(\d+)$/.exec(String(answer.headers['content-range'] ?? ''))?.[1];
  return {
    status: answer.status,
    body: answer.body as Json | undefined,
    total: total === undefined ? undefined : Number(total),
  };
}

function isLate({ errors }: GraphqlAnswer): boolean {
  return errors?.[0]?.message === 'checking the document took too long';
}

async function readState(schema: Schema, admin: Admin, engine: TestEngine): Promise<State> {
  const state = new Map<string, readonly Row[]>();
  for (const { name, columns, key } of schema.values()) {
    const cells = columns.map((column) =>
      column.type === 'date' && engine === 'postgres' ? `${column.name}::text` : column.name,
    );
    const rows = await admin.query(`select ${cells.join(', ')} from ${name} order by ${key.join(', ')}`);
    state.set(
      name,
      rows.map((row) =>
        Object.fromEntries(columns.map((column) => [column.name, read(row[column.name], column.type)])),
      ),
    );
  }
  return state;
}

function read(value: unknown, type: string): Json {
  if (value === null) return null;
  switch (type) {
    case 'int':
    case 'decimal':
      return Number(value);
    case 'bool':
      return typeof value === 'boolean' ? value : Number(value) === 1;
    case 'json':
      return typeof value === 'string' ? JSON.parse(value) : (value as Json);
    default:
      return String(value);
  }
}
