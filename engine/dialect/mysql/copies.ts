/** Copies of a filled database on a MySQL or MariaDB server: each filled by itself, and its rows put back after use. */
import { randomBytes } from 'node:crypto';
import { Problem } from '../../problem/problem.ts';
import { type Copies, type Copy, copyPrefix, type Filling, type Memory } from '../copies.ts';
import type { ConnectionSettings } from '../dialect.ts';
import { toConnectProblem } from '../problems.ts';
import { Connection, connect } from './connection.ts';
import { isServerError, toProblem } from './errors.ts';
import { memoryIn } from './memory.ts';
import { Messenger } from './messenger.ts';
import { quoted } from './notation.ts';
import { refuseOtherDatabases } from './other-databases.ts';
import { ownSchema } from './own-schema.ts';

/** Milliseconds. Changing a table may wait for whoever uses the server. */
const statementMs = 120_000;

/** @throws {Problem} 0A000 there is nothing to fill a copy with, or it would not be alone in the project */
export function copies(settings: ConnectionSettings, filling: Filling | undefined): Copies {
  const { schemas = [ownSchema], name } = settings.config;
  if (filling === undefined)
    throw new Problem('0A000', {
      message: `The database "${name}" has no migrations, and this server copies no database as it is.`,
      hint: 'give it "migrations:", from which databases of their own are made for tests',
    });
  if (schemas.some((schema) => schema !== ownSchema))
    throw new Problem('0A000', {
      message: `The database "${name}" lists schemas that are other databases of the server, and tests write to none that is there.`,
      hint: 'tests with requests need a project whose tables are all in the database of its url',
    });
  return new ServerCopies(settings, filling);
}

class ServerCopies implements Copies {
  readonly #settings: ConnectionSettings;
  readonly #filling: Filling;
  readonly #base = `${copyPrefix}${randomBytes(6).toString('hex')}`;
  readonly #made = new Set<string>();
  readonly #sessions = new Set<Connection>();
  #admin: Promise<Connection> | undefined;
  #locale: string | undefined;
  #count = 0;
  #closing: Promise<void> | undefined;

  constructor({ config, url }: ConnectionSettings, filling: Filling) {
    this.#settings = { config: { ...config, timeoutMs: statementMs }, url };
    this.#filling = filling;
  }

  async open(): Promise<Copy> {
    const name = `${this.#base}_${++this.#count}`;
    const url = withDatabase(this.#settings.url, name);
    await this.#create(name);
    await this.#filling.fill(url);
    const memory = await this.#remember(url, `${name}_kept`);
    return { url, renew: () => memory.restore().catch(translate) };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const session of this.#sessions) if (session !== (await this.#admin)) await session.end();
    try {
      for (const name of this.#made) await this.#run(`DROP DATABASE IF EXISTS ${quoted(name)}`);
    } finally {
      await (await this.#admin?.catch(() => undefined))?.end();
    }
  }

  async #create(name: string): Promise<void> {
    if (this.#closing !== undefined) throw new Error('The copies are closed.');
    this.#locale ??= await this.#prepare();
    try {
      await this.#run(`CREATE DATABASE ${quoted(name)} ${this.#locale}`);
      this.#made.add(name);
    } catch (error) {
      if (!isServerError(error) || ![1044, 1227].includes(error.errno)) translate(error);
      throw mayNotCreate(this.#settings.url, error);
    }
  }

  /** Looks through the scripts, and how texts are compared in the database beside the copies. */
  async #prepare(): Promise<string> {
    const found = await this.#run('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA').catch(translate);
    refuseOtherDatabases(
      this.#filling.scripts,
      found.rows.map(([database]) => database!),
    );
    const { rows } = await this.#run(
      'SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()',
    );
    const [set, collation] = rows[0] ?? [];
    return set == null || collation == null
      ? ''
      : `CHARACTER SET ${quoted(set)} COLLATE ${quoted(collation)}`;
  }

  async #remember(url: string, kept: string): Promise<Memory> {
    await this.#create(kept);
    return memoryIn(await this.#connect(url), kept).catch(translate);
  }

  async #run(text: string) {
    this.#admin ??= this.#connect(this.#settings.url);
    return (await this.#admin).script(text);
  }

  async #connect(url: string): Promise<Connection> {
    const { config } = this.#settings;
    const messenger = new Messenger(() => connect(url, config.pool.acquireMs, () => undefined));
    const session = new Connection({ url, config, messenger });
    try {
      await session.open();
    } catch (error) {
      throw toConnectProblem(toProblem(error));
    }
    this.#sessions.add(session);
    return session;
  }
}

function translate(error: unknown): never {
  throw toProblem(error);
}

function mayNotCreate(url: string, cause: unknown): Problem {
  const user = decodeURIComponent(new URL(url).username);
  return new Problem('42501', {
    message: `The user "${user}" may not create databases on this server, and tests run in databases of their own.`,
    hint: `let it: GRANT ALL ON \`${copyPrefix.replaceAll('_', '\\_')}%\`.* TO it; or give the --url of another user or another server`,
    cause,
  });
}

function withDatabase(url: string, name: string): string {
  const copy = new URL(url);
  copy.pathname = `/${encodeURIComponent(name)}`;
  return copy.href;
}
