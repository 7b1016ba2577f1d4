/** Copies of a filled database on a PostgreSQL server: `CREATE DATABASE … TEMPLATE`. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Problem } from '../../problem/problem.ts';
import { type Copies, type Copy, copyPrefix, type Filling } from '../copies.ts';
import type { ConnectionSettings, Pool } from '../dialect.ts';
import { unnamed } from './journal.ts';
import { quoted } from './notation.ts';
import { openPool } from './pool.ts';

/** Milliseconds. Making and dropping a database waits for checkpoints of the whole server. */
const statementMs = 120_000;
/** Milliseconds until the last session of whoever has disconnected is gone. */
const leavingMs = 10_000;

/** @param filling undefined: copies of the database as it is, which nobody may be connected to meanwhile */
export function copies(settings: ConnectionSettings, filling: Filling | undefined): Copies {
  return new ServerCopies(settings, filling);
}

class ServerCopies implements Copies {
  readonly #url: string;
  readonly #filling: Filling | undefined;
  readonly #pool: Pool;
  readonly #base = `${copyPrefix}${randomBytes(6).toString('hex')}`;
  readonly #made = new Set<string>();
  #template: Promise<string> | undefined;
  #count = 0;
  #closing: Promise<void> | undefined;

  constructor({ config, url }: ConnectionSettings, filling: Filling | undefined) {
    this.#url = url;
    this.#filling = filling;
    // Who is connected to a database keeps it from being copied.
    const at = filling === undefined ? withDatabase(url, 'postgres') : url;
    const pool = { ...config.pool, max: 4, acquireMs: statementMs };
    this.#pool = openPool({
      config: { ...config, engine: 'postgres', timeoutMs: statementMs, pool },
      url: at,
    });
  }

  async open(): Promise<Copy> {
    let name = await this.#copy();
    const url = () => withDatabase(this.#url, name);
    return {
      get url() {
        return url();
      },
      renew: async () => {
        await this.#drop(name);
        name = await this.#copy();
      },
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#template?.catch(() => undefined);
    try {
      for (const name of this.#made) await this.#drop(name);
    } finally {
      await this.#pool.close();
    }
  }

  async #copy(): Promise<string> {
    this.#template ??= this.#fill();
    const template = await this.#template;
    const name = `${this.#base}_${++this.#count}`;
    await this.#create(name, `TEMPLATE ${quoted(template)}`);
    return name;
  }

  async #fill(): Promise<string> {
    if (this.#filling === undefined) return databaseOf(this.#url);
    const name = `${this.#base}_0`;
    await this.#create(name, `TEMPLATE template0 ${await this.#locale()}`);
    await this.#filling.fill(withDatabase(this.#url, name));
    return name;
  }

  /** As the database beside it, so that texts are compared and sorted alike. Its columns differ from version to version. */
  async #locale(): Promise<string> {
    const { rows } = await this.#pool.run(
      unnamed(
        `SELECT pg_catalog.to_jsonb(d)::text, pg_catalog.pg_encoding_to_char(d.encoding)
           FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`,
      ),
      [],
    );
    const [text, encoding] = rows[0]!;
    return localeClauses(JSON.parse(text!), encoding!);
  }

  async #create(name: string, how: string): Promise<void> {
    if (this.#closing !== undefined) throw new Error('The copies are closed.');
    const deadline = performance.now() + leavingMs;
    for (;;) {
      try {
        this.#made.add(name);
        await this.#pool.run(unnamed(`CREATE DATABASE ${quoted(name)} ${how}`), []);
        return;
      } catch (error) {
        this.#made.delete(name);
        const state = stateOf(error);
        if (state === '42501') throw mayNotCreate(this.#url, error);
        if (state !== '55006') throw error;
        if (performance.now() > deadline) throw inUse(this.#url, error);
        await sleep(50);
      }
    }
  }

  async #drop(name: string): Promise<void> {
    await this.#pool.run(unnamed(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`), []);
    this.#made.delete(name);
  }
}

/** @param facts a row of `pg_database` */
export function localeClauses(facts: Readonly<Record<string, string | null>>, encoding: string): string {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const clauses = [
    `ENCODING ${literal(encoding)}`,
    `LC_COLLATE ${literal(facts.datcollate ?? 'C')}`,
    `LC_CTYPE ${literal(facts.datctype ?? 'C')}`,
  ];
  const locale = facts.datlocale ?? facts.daticulocale ?? null;
  if (facts.datlocprovider === 'i' && locale !== null)
    clauses.push('LOCALE_PROVIDER icu', `ICU_LOCALE ${literal(locale)}`);
  if (facts.datlocprovider === 'b' && locale !== null)
    clauses.push('LOCALE_PROVIDER builtin', `BUILTIN_LOCALE ${literal(locale)}`);
  return clauses.join(' ');
}

function stateOf(error: unknown): string | undefined {
  const cause = error instanceof Problem ? error.cause : undefined;
  return cause instanceof pg.DatabaseError ? cause.code : undefined;
}

function mayNotCreate(url: string, cause: unknown): Problem {
  const user = decodeURIComponent(new URL(url).username);
  return new Problem('42501', {
    message: `The user "${user}" may not create databases on this server, and tests run in databases of their own.`,
    hint: `let it: ALTER ROLE ${quoted(user)} CREATEDB; or give the --url of another user or another server`,
    cause,
  });
}

function inUse(url: string, cause: unknown): Problem {
  return new Problem('NS503', {
    message: `The database "${databaseOf(url)}" cannot be copied while others are connected to it.`,
    hint: 'end their sessions, or give the project "migrations:", from which a database of its own is made',
    cause,
  });
}

function databaseOf(url: string): string {
  const { pathname, username } = new URL(url);
  return decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username);
}

function withDatabase(url: string, name: string): string {
  const copy = new URL(url);
  copy.pathname = `/${encodeURIComponent(name)}`;
  return copy.href;
}
