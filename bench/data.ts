/** What every peer serves: one schema, one set of rows (Chinook-sized, the same on every run), one row filter. */
import type { TestEngine } from '../test/database.ts';
import type { Document, GraphqlKind } from './graphql.ts';

export const roles = { anonymous: 'novastack_bench_anonymous', reader: 'novastack_bench_reader' } as const;

export const sizes = { artists: 275, albums: 347, tracks: 3503, events: 200_000, counters: 3000 } as const;

const postgresSql = `
  CREATE TABLE artists (id int PRIMARY KEY, name text NOT NULL, hidden_note text);
  CREATE TABLE albums (id int PRIMARY KEY, title text NOT NULL, artist_id int NOT NULL REFERENCES artists);
  CREATE TABLE tracks (id int PRIMARY KEY, name text NOT NULL, album_id int NOT NULL REFERENCES albums, ms int NOT NULL, price numeric(6,2) NOT NULL, composer text);
  CREATE INDEX ON albums (artist_id);
  CREATE INDEX ON tracks (album_id);
  INSERT INTO artists SELECT n, 'Artist ' || n, 'note' FROM generate_series(1, ${sizes.artists}) AS n;
  INSERT INTO albums SELECT n, 'Album ' || n, 1 + n % ${sizes.artists} FROM generate_series(1, ${sizes.albums}) AS n;
  INSERT INTO tracks SELECT n, 'Track ' || n, 1 + n % ${sizes.albums}, 90000 + n * 37 % 300000, 0.99, 'Composer ' || n % 50 FROM generate_series(1, ${sizes.tracks}) AS n;
  CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL, stars int NOT NULL);
  CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL);
  CREATE TABLE events (id int PRIMARY KEY, kind text NOT NULL, title text NOT NULL, amount numeric(8,2) NOT NULL, secret text);
  INSERT INTO counters SELECT n, 0 FROM generate_series(1, ${sizes.counters}) AS n;
  INSERT INTO events SELECT n, 'kind ' || n % 7, 'Event number ' || n, n % 1000 + 0.25, 'secret' FROM generate_series(1, ${sizes.events}) AS n;
  ANALYZE;
`;

/** `n` from 1 to 10 to the power of `digits`. */
function numbers(digits: number): string {
  const digit =
    '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)';
  const places = Array.from({ length: digits }, (_, index) => index);
  const sum = places.map((index) => `d${index}.d * ${10 ** index}`).join(' + ');
  return `(SELECT 1 + ${sum} AS n FROM ${places.map((index) => `${digit} AS d${index}`).join(' CROSS JOIN ')}) AS numbers`;
}

const mysqlSql = `
  CREATE TABLE artists (id int PRIMARY KEY, name varchar(200) NOT NULL, hidden_note text);
  CREATE TABLE albums (id int PRIMARY KEY, title varchar(200) NOT NULL, artist_id int NOT NULL, FOREIGN KEY (artist_id) REFERENCES artists (id));
  CREATE TABLE tracks (id int PRIMARY KEY, name varchar(200) NOT NULL, album_id int NOT NULL, ms int NOT NULL, price decimal(6,2) NOT NULL, composer text, FOREIGN KEY (album_id) REFERENCES albums (id));
  INSERT INTO artists SELECT n, concat('Artist ', n), 'note' FROM ${numbers(3)} WHERE n <= ${sizes.artists};
  INSERT INTO albums SELECT n, concat('Album ', n), 1 + n % ${sizes.artists} FROM ${numbers(3)} WHERE n <= ${sizes.albums};
  INSERT INTO tracks SELECT n, concat('Track ', n), 1 + n % ${sizes.albums}, 90000 + n * 37 % 300000, 0.99, concat('Composer ', n % 50) FROM ${numbers(4)} WHERE n <= ${sizes.tracks};
  CREATE TABLE notes (id bigint AUTO_INCREMENT PRIMARY KEY, body text NOT NULL, stars int NOT NULL);
  CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL);
  CREATE TABLE events (id int PRIMARY KEY, kind varchar(20) NOT NULL, title varchar(200) NOT NULL, amount decimal(8,2) NOT NULL, secret text);
  INSERT INTO counters SELECT n, 0 FROM ${numbers(4)} WHERE n <= ${sizes.counters};
  INSERT INTO events SELECT n, concat('kind ', n % 7), concat('Event number ', n), n % 1000 + 0.25, 'secret' FROM ${numbers(6)} WHERE n <= ${sizes.events};
  ANALYZE TABLE artists, albums, tracks, events;
`;

/** The row filter is a policy of the database for PostgREST and a permission for NovaStack: the same condition. */
export function sqlFor(engine: TestEngine): string {
  return engine === 'postgres' ? postgresSql : mysqlSql;
}

export const sqlForPostgrest = `
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${roles.anonymous}') THEN CREATE ROLE ${roles.anonymous} NOLOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${roles.reader}') THEN CREATE ROLE ${roles.reader} NOLOGIN; END IF;
  END $$;
  GRANT USAGE ON SCHEMA public TO ${roles.reader};
  GRANT SELECT (id, name) ON artists TO ${roles.reader};
  GRANT SELECT (id, title, artist_id) ON albums TO ${roles.reader};
  GRANT SELECT (id, name, album_id, ms, price) ON tracks TO ${roles.reader};
  GRANT INSERT (body, stars) ON notes TO ${roles.reader};
  GRANT SELECT (id, n), UPDATE (n) ON counters TO ${roles.reader};
  GRANT SELECT (id, kind, title, amount) ON events TO ${roles.reader};
  ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE counters ENABLE ROW LEVEL SECURITY;
  ALTER TABLE events ENABLE ROW LEVEL SECURITY;
  CREATE POLICY writable ON notes FOR INSERT TO ${roles.reader} WITH CHECK (stars > 0);
  CREATE POLICY readable ON counters TO ${roles.reader} USING (id > 0);
  CREATE POLICY readable ON events TO ${roles.reader} USING (id > 0);
  ALTER TABLE artists ENABLE ROW LEVEL SECURITY;
  ALTER TABLE albums ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tracks ENABLE ROW LEVEL SECURITY;
  CREATE POLICY readable ON artists TO ${roles.reader} USING (id > 0);
  CREATE POLICY readable ON albums TO ${roles.reader} USING (id > 0);
  CREATE POLICY readable ON tracks TO ${roles.reader} USING (id > 0);
`;

export const sqlToForget = `DROP OWNED BY ${roles.anonymous}, ${roles.reader}; DROP ROLE ${roles.anonymous}; DROP ROLE ${roles.reader};`;

export const yamlFor = (engine: TestEngine) => `
novastack: 1
project: bench
databases: { main: { engine: ${engine === 'postgres' ? engine : 'mysql'}, url: "\${env:BENCH_URL}" } }
auth:
  jwt:
    - issuer: https://bench.example/
      audience: bench
      secret: "\${env:BENCH_SECRET}"
roles: { ${roles.reader}: {} }
tables:
  artists: { permissions: { ${roles.reader}: { select: { columns: [id, name], where: { id: { _gt: 0 } } } } } }
  albums: { permissions: { ${roles.reader}: { select: { columns: [id, title, artist_id], where: { id: { _gt: 0 } } } } } }
  tracks: { permissions: { ${roles.reader}: { select: { columns: [id, name, album_id, ms, price], where: { id: { _gt: 0 } }, aggregate: true } } } }
  notes: { permissions: { ${roles.reader}: { insert: { columns: [body, stars], check: { stars: { _gt: 0 } } } } } }
  counters: { permissions: { ${roles.reader}: { select: { columns: [id, n], where: { id: { _gt: 0 } } }, update: { columns: [n], where: { id: { _gt: 0 } } } } } }
  events: { permissions: { ${roles.reader}: { select: { columns: [id, kind, title, amount], where: { id: { _gt: 0 } } } } } }
`;

export interface Work {
  readonly name: string;
  /** REST paths below the root of the API; several are taken in turn. */
  readonly rest: readonly string[];
  /** What REST is asked for when it is not the plain list. */
  readonly accept?: string;
  /** The route of the hand-written server that does only this; PostgREST does what that one does. */
  readonly handWritten?: readonly string[];
  /** The same in GraphQL. */
  readonly documents?: Readonly<Record<GraphqlKind, Document>>;
  /** Of a write. */
  readonly write?: {
    readonly method: 'POST' | 'PATCH';
    readonly body: string;
    /** Without it the answer of REST is empty. */
    readonly prefer?: string;
    /** SQL before each measurement, so that no peer works on what another has left. */
    readonly before: string;
    /** SQL whose rows are the same after each peer. */
    readonly leaves: string;
  };
  /** Of a whole table: so many answers are read to their end by two connections. PostgREST has no NDJSON. */
  readonly whole?: { readonly answers: number; readonly accept: string; readonly acceptOfPostgrest: string };
}

const ids = Array.from({ length: 500 }, (_, index) => 1 + ((index * 7919) % sizes.tracks));

const counters = Array.from({ length: 500 }, (_, index) => 1 + ((index * 7919) % sizes.counters));
const emptyNotes = 'TRUNCATE TABLE notes';
const allNotes = 'SELECT body, stars FROM notes ORDER BY id';

function note(index: number) {
  return { body: `What I thought of it, number ${index}`, stars: 1 + (index % 5) };
}

export const works: readonly Work[] = [
  {
    name: 'one row',
    rest: ids.map((id) => `/tracks?select=id,name,album_id,ms,price&id=eq.${id}`),
    handWritten: ids.map((id) => `/one/${id}`),
  },
  {
    name: '20 rows',
    rest: ['/tracks?select=id,name,album_id,ms,price&order=id&limit=20'],
    handWritten: ['/twenty'],
  },
  {
    name: '10 artists → albums → tracks',
    rest: [
      '/artists?select=id,name,albums(id,title,tracks(id,name,ms))&order=id&limit=10&albums.order=id&albums.tracks.order=id',
    ],
    handWritten: ['/nested'],
  },
  {
    name: 'insert one',
    rest: ['/notes'],
    handWritten: ['/insert'],
    write: { method: 'POST', body: JSON.stringify(note(1)), before: emptyNotes, leaves: allNotes },
  },
  {
    name: 'update one by key',
    rest: counters.map((id) => `/counters?id=eq.${id}`),
    handWritten: counters.map((id) => `/update/${id}`),
    write: {
      method: 'PATCH',
      body: '{"n":7}',
      before: 'UPDATE counters SET n = 0 WHERE n <> 0',
      leaves: 'SELECT id, n FROM counters WHERE n <> 0',
    },
  },
  {
    name: 'insert 1,000',
    rest: ['/notes'],
    handWritten: ['/bulk'],
    write: {
      method: 'POST',
      body: JSON.stringify(Array.from({ length: 1000 }, (_, index) => note(index + 1))),
      before: emptyNotes,
      leaves: allNotes,
    },
  },
  {
    name: `export NDJSON, ${sizes.events} rows`,
    rest: ['/events?select=id,kind,title,amount&order=id'],
    handWritten: ['/export/ndjson'],
    whole: { answers: 10, accept: 'application/x-ndjson', acceptOfPostgrest: 'application/json' },
  },
  {
    name: `export CSV, ${sizes.events} rows`,
    rest: ['/events?select=id,kind,title,amount&order=id'],
    handWritten: ['/export/csv'],
    whole: { answers: 10, accept: 'text/csv', acceptOfPostgrest: 'text/csv' },
  },
];
