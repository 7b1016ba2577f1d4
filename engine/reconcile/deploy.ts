/**
 * One attempt to serve a commit's tree: from its files, bound to its lock, to a revision aside. The database is migrated
 * before and looked at, and what it lacks is taken away; nothing that it has beyond the lock becomes visible.
 */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Reference } from '../../schema/reference.ts';
import type { Api } from '../api/api.ts';
import { type Breach, type Broken, breaksServing, brokenBy } from '../api/broken.ts';
import type { Compiled } from '../api/compile.ts';
import { emptyGuard } from '../api/empty-guard.ts';
import { createAuthenticator } from '../auth/authenticate.ts';
import type { IssuerKeys } from '../auth/issuer-keys.ts';
import type { KeysNews } from '../auth/keys.ts';
import { purposeKey } from '../auth/purpose-key.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { compareCatalogs, type Drift } from '../catalog/drift.ts';
import { type Lock, readLock } from '../catalog/lock.ts';
import { knowCatalogs } from '../check/know.ts';
import { probeTables } from '../execute/probe.ts';
import { migrateUp, migrationStatus, type Step, seed } from '../migrate/journal.ts';
import { Problem } from '../problem/problem.ts';
import { buildRevision } from '../revision/build.ts';
import type { Database, Databases } from '../revision/databases.ts';
import type { Operations } from '../revision/operations.ts';
import type { Revision } from '../revision/revision.ts';
import { resolveSecrets, type Secrets } from '../revision/secrets.ts';
import { Approvals } from './approvals.ts';
import { Findings, Refused } from './findings.ts';
import type { Gate } from './gate.ts';
import { commitRevisionId } from './identity.ts';
import { recordedNames } from './lock-of-folder.ts';
import { lockProposal } from './lock-proposal.ts';
import type { Scripts } from './prepare.ts';
import type { DatabaseStatus, DriftStatus, FailureReason, Phase } from './status.ts';
import { bind, buildFrom, compile, probeDescription, readAllScripts, readSource } from './steps.ts';

/** Why a tree is deployed, which decides what may be changed for it. */
export type Intent =
  /** The newest commit: its migrations are run. */
  | 'newest'
  /** What served before this process did: nothing is migrated, and a database that is down stops nothing. */
  | 'last-good'
  /** An earlier revision: nothing is migrated, and it must fit the database as it is. */
  | 'rollback';

/** Whether pending migrations are run here; by an operator, who does it by hand; or by another engine, which leads. */
export type MayMigrate = 'now' | 'never' | 'elsewhere';

/** What another process found out and built: it is built again, and nothing is looked at. */
export interface Given {
  /** Of the revision. */
  readonly id: string;
  readonly drifts: Broken['drifts'];
}

/** What is served now. */
export interface Serving {
  readonly revision: string;
  readonly commit: string;
  readonly api: Api;
  readonly broken: Broken;
}

export interface DeployOptions {
  readonly intent: Intent;
  /** Undefined: nobody has built it yet. */
  readonly given?: Given;
  /** The exported tree; never changed. */
  readonly directory: string;
  /** Where it is within the repository. */
  readonly folder: string;
  readonly commit: string;
  /** As revisions name it: `main`. */
  readonly ref: string;
  readonly databases: Databases;
  /** For what keeps the event loop busy; waiting for a database is none of it. */
  readonly gate: Gate;
  /** The engine's; keys are derived from it. */
  readonly secret: string;
  /** Those before it, newest first: what was signed with one is still read. */
  readonly previous: readonly string[];
  readonly mayRead: (reference: Reference) => boolean;
  /** Asked once the project's name is claimed. */
  readonly migrate: () => MayMigrate;
  readonly keys: IssuerKeys;
  readonly onNews: (issuer: string, news: KeysNews) => void;
  readonly serving: Serving | undefined;
  readonly onPhase: (phase: Phase) => void;
  /** The served name of a slug. @throws {Refused} NameTaken */
  readonly claim: (slug: string) => string;
  readonly onStep: (database: string, step: Step) => void;
  /** Has whoever else is to serve it build it too, once it is known to be good. Undefined: nobody is. @throws {Refused} HealthCheckFailed */
  readonly share?: (revision: Revision, broken: Broken) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Deployment {
  readonly diagnostics: readonly Diagnostic[];
  readonly databases: readonly DatabaseStatus[];
  readonly drift: readonly DriftStatus[];
  /** Files that would bring the lock up to date with the databases; empty: it is, or that is not known. */
  readonly lock: ReadonlyMap<string, string | null>;
  readonly polled: ReadonlyMap<string, string>;
  readonly unreachable: ReadonlyMap<string, Problem>;
  readonly end:
    | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string; readonly revision: string | null }
    | { readonly kind: 'unchanged'; readonly revision: string }
    | { readonly kind: 'built'; readonly revision: Revision; readonly broken: Broken };
} // biome-ignore format: one case a line

/** Never rejects for what a tree or a database may hold. */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const attempt = new DeployAttempt(options);
  try {
    return attempt.ended(await attempt.run());
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { reason, message, revision } = error;
    return attempt.ended({ kind: 'failed', reason, message, revision });
  }
}

/** What the files of a tree come to. */
interface Prepared {
  readonly name: string;
  readonly project: Project;
  readonly secrets: Secrets;
  readonly scripts: ReadonlyMap<string, Scripts>;
  readonly lock: Lock | undefined;
  readonly locked: ReadonlyMap<string, Catalog>;
  readonly compiled: Compiled;
  readonly operations: Operations | undefined;
}

class DeployAttempt {
  readonly #options: DeployOptions;
  readonly #found = new Findings();
  #drift: readonly DriftStatus[] = [];
  #proposal: ReadonlyMap<string, string | null> = new Map();

  constructor(options: DeployOptions) {
    this.#options = options;
  }

  ended(end: Deployment['end']): Deployment {
    const { diagnostics, databases, polled, unreachable } = this.#found;
    return {
      diagnostics,
      databases: [...databases.values()],
      drift: this.#drift,
      lock: this.#proposal,
      polled,
      unreachable,
      end,
    };
  }

  async run(): Promise<Deployment['end']> {
    const { directory, folder, gate, onPhase, serving } = this.#options;
    const prepared = await gate.through(() => this.#prepare());
    const { project, secrets, scripts, lock, locked, compiled } = prepared;
    const { given } = this.#options;
    if (given !== undefined) {
      await this.#open(project, secrets);
      return this.#built(given.id, prepared, brokenBy(compiled.api, given.drifts));
    }

    onPhase('Migrating');
    this.#requireGoing();
    await this.#open(project, secrets);
    await this.#migrate(project, scripts, locked);
    const live = await this.#introspect(project);
    this.#requireDatabases();
    const broken = this.#compare(compiled.api, lock, live);
    if (lock !== undefined && this.#drift.length > 0) {
      const { names } = compiled;
      this.#proposal = await lockProposal(directory, folder, lock, { catalogs: live, names });
    }
    const id = this.#id(prepared, broken);
    if (id === serving?.revision) return { kind: 'unchanged', revision: id };

    onPhase('Probing');
    return this.#built(id, prepared, broken, async (revision) => {
      await this.#probe(revision, live, broken);
      await this.#options.share?.(revision, broken);
    });
  }

  /** @param prove throws where it must not serve; the revision is closed then */
  async #built(
    id: string,
    prepared: Prepared,
    broken: Broken,
    prove?: (revision: Revision) => Promise<void>,
  ): Promise<Deployment['end']> {
    const { gate, keys } = this.#options;
    const revision = await gate.through(() => this.#build(id, prepared, broken));
    try {
      await prove?.(revision);
    } catch (error) {
      await revision.close();
      throw error;
    }
    const addresses = prepared.secrets.auth.jwt.flatMap(({ jwks }) => jwks ?? []);
    keys.keepOnly(new Set(addresses));
    return { kind: 'built', revision, broken };
  }

  /** All that the files alone say. */
  async #prepare(): Promise<Prepared> {
    const { directory, onPhase } = this.#options;
    this.#requireGoing();
    onPhase('Building');
    let name = '';
    const claim = (slug: string) => {
      name = this.#options.claim(slug);
    };
    const project = await buildFrom(await readSource(directory), claim, this.#found);
    this.#requireServers(project);
    const secrets = this.#secrets(project);
    const scripts = await readAllScripts(directory, project, this.#found);

    onPhase('Validating');
    const lock = await this.#lock();
    const locked = await this.#locked(project, lock);
    const compiled = await compile(project, locked, recordedNames(lock), this.#found);
    const operations = await bind(project, compiled.api, this.#found);
    await this.#guard(compiled.api);
    return { name, project, secrets, scripts, lock, locked, compiled, operations };
  }

  /** Many may have waited for their turn when the server was told to end. */
  #requireGoing(): void {
    if (this.#options.signal?.aborted) throw new Refused('FetchFailed', 'The server is shutting down.');
  }

  /** @throws {Refused} BuildFailed */
  #requireServers(project: Project): void {
    if (this.#options.share === undefined) return;
    const embedded = [...project.databases.values()].find(({ engine }) => engine === 'embedded');
    if (embedded === undefined) return;
    throw new Refused(
      'BuildFailed',
      `Database "${embedded.name}" is embedded, and only one process can have it: with "workers" in server.yaml it is not served.`,
    );
  }

  #id({ name, secrets, locked, compiled }: Prepared, broken: Broken): string {
    const { secret, commit, ref } = this.#options;
    return commitRevisionId(ref, commit, {
      catalogs: locked,
      names: compiled.names,
      auth: secrets.auth,
      urls: secrets.urls,
      broken: new Set([...broken.tables.keys(), ...broken.functions.keys()]),
      key: purposeKey(secret, 'revisions', name),
    });
  }

  async #build(id: string, prepared: Prepared, broken: Broken): Promise<Revision> {
    this.#requireGoing();
    const { name, project, secrets, compiled, operations } = prepared;
    const { keys, onNews, secret, previous, databases } = this.#options;
    const authenticator = createAuthenticator({
      project: project.name,
      auth: secrets.auth,
      roles: new Set(project.roles.keys()),
      secrets: secrets.followed,
      keys,
      onNews,
    });
    const lease = databases.lease();
    const revision = await buildRevision({
      id,
      name,
      project,
      api: compiled.api,
      pools: lease.pools,
      authenticator,
      basePath: `/${name}`,
      graphiql: true,
      operations,
      broken,
      cursorSecret: purposeKey(secret, 'cursors', name),
      previousCursorSecrets: previous.map((before) => purposeKey(before, 'cursors', name)),
      timing: false,
      release: lease.release,
    }).catch(async (cause: unknown) => {
      await lease.release();
      throw cause;
    });
    await probeDescription(revision);
    return revision;
  }

  #secrets(project: Project): Secrets {
    const secrets = resolveSecrets(project, { leaveOutIssuers: false, allow: this.#options.mayRead });
    this.#found.diagnostics.push(...secrets.diagnostics);
    this.#found.refuseErrors('BuildFailed', 'Some references of the project cannot be resolved.');
    return secrets;
  }

  async #lock(): Promise<Lock | undefined> {
    const lock = await readLock(this.#options.directory);
    this.#found.diagnostics.push(...lock.diagnostics);
    this.#found.refuseErrors('ValidationFailed', 'The lock cannot be read.');
    return lock.value;
  }

  /** What each database looks like by the commit: from its lock, else from its migrations run in an embedded one. */
  async #locked(project: Project, lock: Lock | undefined): Promise<ReadonlyMap<string, Catalog>> {
    const known = await knowCatalogs(this.#options.directory, project, lock);
    const unknown = [...project.databases.keys()].find((name) => known.value?.has(name) !== true);
    this.#found.diagnostics.push(...known.diagnostics);
    this.#found.refuseErrors('ValidationFailed', 'The lock does not fit the project.');
    if (unknown !== undefined)
      throw new Refused(
        'ValidationFailed',
        `Nothing tells what database "${unknown}" looks like: run "novastack lock" and commit novastack.lock/.`,
      );
    return new Map([...known.value!].map(([name, { catalog }]) => [name, catalog]));
  }

  async #open(project: Project, secrets: Secrets): Promise<void> {
    const { failures } = await this.#options.databases.open(project, secrets.urls);
    for (const [name, problem] of failures) this.#found.notReached(name, problem);
  }

  /** Where nothing serves yet, a database that is down is told to its callers; else what serves goes on. */
  async #migrate(
    project: Project,
    scripts: ReadonlyMap<string, Scripts>,
    locked: ReadonlyMap<string, Catalog>,
  ): Promise<void> {
    const { databases, intent, serving } = this.#options;
    for (const [name, config] of project.databases) {
      const database = databases.get(name);
      if (database === undefined) continue;
      try {
        // Polled before it is read: what changes in between is noticed by the next poll.
        if (config.engine !== 'embedded') this.#found.polled.set(name, await database.poll());
        // An earlier tree does not know the later migrations of its database.
        if (intent !== 'newest') this.#found.reached(name, null);
        else if (config.engine === 'embedded')
          await this.#migrateEmbedded(project, database, scripts.get(name)!);
        else await this.#migrateServer(project, database, scripts.get(name)!, locked.get(name)!);
        if (config.engine === 'embedded') this.#found.polled.set(name, await database.poll());
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.#found.notReached(name, error);
        if (intent === 'newest' && serving !== undefined && config.migrations !== undefined)
          throw new Refused(
            'DatabaseUnreachable',
            `Database "${name}" cannot be reached, so its migrations cannot be looked at: ${error.message}`,
          );
      }
    }
    this.#found.refuseErrors('MigrationFailed', 'A migration could not be applied.');
  }

  async #migrateEmbedded(project: Project, { pool, config }: Database, scripts: Scripts): Promise<void> {
    const key = { project: project.name, database: config.name };
    const onStep = (step: Step) => this.#options.onStep(config.name, step);
    const migrated = await migrateUp(pool, key, scripts.migrations, { onStep });
    this.#found.diagnostics.push(...migrated.diagnostics);
    this.#found.refuseErrors('MigrationFailed', `A migration of database "${config.name}" failed.`);
    const seeded = await seed(pool, key, scripts.seeds, { onStep });
    this.#found.diagnostics.push(...seeded.diagnostics);
    this.#found.reached(config.name, 0);
  }

  async #migrateServer(
    project: Project,
    database: Database,
    scripts: Scripts,
    after: Catalog,
  ): Promise<void> {
    const { config, pool } = database;
    const key = { project: project.name, database: config.name };
    const status = await migrationStatus(pool, key, scripts.migrations);
    this.#found.diagnostics.push(...status.diagnostics);
    const pending = status.scripts.filter(({ state }) => state !== 'applied').length;
    this.#found.reached(config.name, pending);
    this.#found.refuseErrors(
      'MigrationFailed',
      `The migrations of database "${config.name}" do not fit its journal.`,
    );
    if (pending === 0) return;
    const may = this.#options.migrate();
    if (may !== 'now')
      throw new Refused(
        'MigrationFailed',
        `${pending} migration${pending === 1 ? ' is' : 's are'} pending on database "${config.name}", and ${
          may === 'never'
            ? 'this server does not run them by itself.'
            : 'another engine, the one that leads, runs them. It is tried again.'
        }`,
      );
    await this.#requireHarmless(config.name, after);
    const { onStep, signal } = this.#options;
    const migrated = await migrateUp(pool, key, scripts.migrations, {
      onStep: (step) => onStep(config.name, step),
      ...(signal === undefined ? {} : { signal }),
    });
    this.#found.diagnostics.push(...migrated.diagnostics);
    this.#found.reached(config.name, pending - (migrated.value?.length ?? 0));
    // What we have changed ourselves is no news to the next poll.
    this.#found.polled.set(config.name, await database.poll());
  }

  /** While a migration runs, and until the swap, requests are answered by what serves now. */
  async #requireHarmless(database: string, after: Catalog): Promise<void> {
    const { serving, directory } = this.#options;
    if (serving === undefined) return;
    const breaking = breaksServing(serving.api, new Map([[database, after]]));
    if (breaking.length === 0) return;
    const approvals = await Approvals.read(directory, this.#found);
    approvals.require(
      breaking,
      `The migrations of database "${database}" would break what is served, so none of them was run.`,
    );
  }

  /** A commit that empties the API is held up before anything is done for it. */
  async #guard(api: Api): Promise<void> {
    const { intent, serving, directory } = this.#options;
    if (intent !== 'newest' || serving === undefined) return;
    const emptied = emptyGuard(serving.api.tables.keys(), api.tables.keys());
    if (emptied === undefined) return;
    const approvals = await Approvals.read(directory, this.#found);
    approvals.require([emptied], 'Nothing was changed.');
  }

  /** What cannot be looked at does not take the place of what serves. */
  #requireDatabases(): void {
    const { intent, serving, commit } = this.#options;
    const [unreachable] = this.#found.unreachable;
    if (unreachable === undefined || serving === undefined) return;
    if (intent === 'last-good' || serving.commit === commit) return;
    const [name, problem] = unreachable;
    throw new Refused('DatabaseUnreachable', `Database "${name}" cannot be reached: ${problem.message}`);
  }

  /** What the databases are, against what the commit says that they are. */
  #compare(api: Api, lock: Lock | undefined, live: ReadonlyMap<string, Catalog>): Broken {
    const { intent, serving } = this.#options;
    const drifts = new Map<string, readonly Drift[]>();
    for (const [name, catalog] of live) {
      const found = compareCatalogs(api.databases.get(name)!.catalog, catalog);
      // What was learnt from an embedded database says nothing of the server.
      const isLocked = lock?.databases.has(name) === true;
      drifts.set(name, isLocked ? found : found.filter((drift) => drift.relation ?? drift.routine));
    }
    this.#drift = [...drifts].flatMap(([database, found]) =>
      found.map((drift) => ({
        database,
        class: drift.class,
        relation: drift.relation,
        message: drift.message,
      })),
    );
    const isServed = serving?.commit === this.#options.commit;
    // Of a database that does not answer, what was known of it goes on.
    if (this.#found.unreachable.size > 0 && isServed) return serving.broken;
    const broken = brokenBy(api, drifts);
    // What serves already goes on with what is left; another commit must not make it less.
    if (intent === 'last-good' || serving === undefined || isServed) return broken;
    const isNew = ([name]: readonly [string, unknown]) =>
      intent === 'rollback' || !(serving.broken.tables.has(name) || serving.broken.functions.has(name));
    const fresh = [...broken.tables, ...broken.functions].filter(isNew);
    if (fresh.length > 0)
      throw new Refused(
        'HealthCheckFailed',
        `The database does not have what the commit says: ${fresh.map(toldBreach).join(' ')}`,
      );
    return broken;
  }

  async #introspect(project: Project): Promise<ReadonlyMap<string, Catalog>> {
    const live = new Map<string, Catalog>();
    for (const name of project.databases.keys()) {
      const database = this.#options.databases.get(name);
      if (database === undefined || this.#found.unreachable.has(name)) continue;
      try {
        live.set(name, await database.introspect());
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.#found.notReached(name, error);
      }
    }
    return live;
  }

  /** @throws {Refused} HealthCheckFailed */
  async #probe(revision: Revision, live: ReadonlyMap<string, Catalog>, broken: Broken): Promise<void> {
    if (this.#options.intent === 'last-good') return;
    const reachable = new Map([...revision.pools].filter(([name]) => live.has(name)));
    const failures = await probeTables(revision.api, reachable, { broken });
    if (failures.length > 0)
      throw new Refused(
        'HealthCheckFailed',
        failures
          .map(({ table, role, problem }) => `"${table}" does not answer role "${role}": ${problem.message}`)
          .join(' '),
        revision.id,
      );
    const answer = await revision.inject({
      method: 'POST',
      url: '/graphql/v1',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{__typename}"}',
    });
    if (answer.status >= 500)
      throw new Refused('HealthCheckFailed', `GraphQL answers with ${answer.status}.`, revision.id);
  }
}

/** Of a table, or of a function. */
function toldBreach([name, breach]: readonly [string, Breach | readonly string[]]): string {
  return `"${name}": ${('reasons' in breach ? breach.reasons : breach).join(' ')}`;
}
