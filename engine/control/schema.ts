/** The tables of the control store, in a schema of their own. */

export const schema = 'novastack_control';

/** First parts of advisory locks with two: they say for what. The second is 0, or the id of the engine that is alive. */
export const locks = { tables: 0x6e766163, leader: 0x6e76616c, engine: 0x6e766165 } as const;

export const tables = `
create schema if not exists ${schema};
create table if not exists ${schema}.used_tokens (
  id bytea primary key,
  expires_at timestamptz not null
);
create table if not exists ${schema}.wishes (
  source text not null,
  folder text not null,
  suspended boolean not null,
  pinned jsonb,
  primary key (source, folder)
);
create table if not exists ${schema}.operations (
  id uuid primary key,
  project text not null,
  engine integer not null,
  value jsonb not null,
  created_at timestamptz not null
);
create index if not exists operations_of_project on ${schema}.operations (project, created_at desc);
`;
