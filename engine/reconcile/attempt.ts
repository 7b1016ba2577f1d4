/** One attempt to make what is served equal what a folder and its databases say: from the files to a revision aside. */

import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { AuthConfig, Project } from '../../schema/project.ts';
import { createAuthenticator } from '../auth/authenticate.ts';
import { type DevIssuer, openDevIssuer } from '../auth/dev-issuer.ts';
import type { IssuerKeys } from '../auth/issuer-keys.ts';
import type { KeysNews } from '../auth/keys.ts';
import { purposeKey } from '../auth/purpose-key.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type Lock, readLock } from '../catalog/lock.ts';
import type { Step } from '../migrate/journal.ts';
import { Problem } from '../problem/problem.ts';
import { buildRevision } from '../revision/build.ts';
import { type Database, type Databases, resetEmbedded } from '../revision/databases.ts';
import type { Revision } from '../revision/revision.ts';
import { resolveSecrets } from '../revision/secrets.ts';
import { Findings, Refused } from './findings.ts';
import { revisionId } from './identity.ts';
import { lockKept, nextLock, recordedNames } from './lock-of-folder.ts';
import { prepareDatabase, type Scripts } from './prepare.ts';
import type { DatabaseStatus, FailureReason, Phase } from './status.ts';
import { bind, buildFrom, compile, probeDescription, readAllScripts, readSource } from './steps.ts';

export interface AttemptOptions {
  readonly directory: string;
  readonly databases: Databases;
  /** Fetched by the revisions before. */
  readonly keys: IssuerKeys;
  /** What becomes known of an issuer's secret while the revision serves. */
  readonly onNews: (issuer: string, news: KeysNews) => void;
  /** What is served now: the same id needs no other revision. */
  readonly serving: string | undefined;
  /** Throw the data of embedded databases away first. */
  readonly reset: boolean;
  readonly onPhase: (phase: Phase) => void;
  /** As soon as the folder has told it. @returns false: another folder has the name */
  readonly onName: (name: string) => boolean;
  readonly onReset: (databases: readonly string[]) => void;
  readonly onStep: (database: string, step: Step) => void;
}

/** What one attempt found. The databases are as they stand after it, whatever its end. */
export interface Attempt {
  readonly project: Project | undefined;
  readonly issuer: DevIssuer | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly databases: readonly DatabaseStatus[];
  /** What each database was polled as, before it was introspected; absent where it cannot be reached. */
  readonly polled: ReadonlyMap<string, string>;
  /** Databases to be tried again: they could not be reached. */
  readonly unreachable: ReadonlyMap<string, Problem>;
  readonly end:
    | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string; readonly revision: string | null }
    | { readonly kind: 'unchanged'; readonly revision: string; readonly lock: Lock }
    | { readonly kind: 'built'; readonly revision: Revision; readonly lock: Lock };
} // biome-ignore format: one case a line

/** Never rejects for what a folder or a database may hold. */
export async function attempt(options: AttemptOptions): Promise<Attempt> {
  const found = new Findings();
  try {
    return await run(options, found);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { reason, message, revision } = error;
    return ended(found, { kind: 'failed', reason, message, revision });
  }
}

function ended(found: Findings, end: Attempt['end']): Attempt {
  const { project, issuer, diagnostics, polled, unreachable, databases } = found;
  return { project, issuer, diagnostics, polled, unreachable, databases: [...databases.values()], end };
}

async function run(options: AttemptOptions, found: Findings): Promise<Attempt> {
  options.onPhase('Fetching');
  const folder = await readSource(options.directory);
  options.onPhase('Building');
  const claim = (slug: string) => {
    if (options.onName(slug)) return;
    throw new Refused('NameTaken', `Another folder already serves the project "${slug}".`);
  };
  const project = await buildFrom(folder, claim, found);
  const issuer = await openDevIssuer(options.directory, project.name);
  found.issuer = issuer;
  const secrets = resolveSecrets(project, { leaveOutIssuers: true });
  found.diagnostics.push(...secrets.diagnostics);
  found.refuseErrors('BuildFailed', 'Some references of the project cannot be resolved.');
  const auth: AuthConfig = { ...secrets.auth, jwt: [...secrets.auth.jwt, issuer.config] };

  options.onPhase('Migrating');
  const scripts = await readAllScripts(options.directory, project, found);
  if (options.reset) options.onReset(await reset(options.directory, project));
  const catalogs = await readDatabases(options, project, secrets.urls, scripts, found);

  options.onPhase('Validating');
  const lock = await readRecorded(options.directory, found);
  const known = withRecorded(project, catalogs, lock, found);
  const { api, names } = await compile(project, known, recordedNames(lock), found);
  const operations = await bind(project, api, found);
  const next = nextLock(project, { known, names, scripts, current: currentOf(project, lock, found) }, lock);
  const hashes = new Map([...scripts].map(([name, { hash }]) => [name, hash]));
  const identity = { project, scripts: hashes, catalogs: known, names, auth, urls: secrets.urls };
  const id = revisionId({ ...identity, key: issuer.config.secret! });
  if (id === options.serving) return ended(found, { kind: 'unchanged', revision: id, lock: next });

  options.onPhase('Probing');
  const roles = new Set(project.roles.keys());
  const { keys, onNews } = options;
  const secretsOf = { secrets: secrets.followed, keys, onNews };
  const authenticator = createAuthenticator({ project: project.name, auth, roles, ...secretsOf });
  const lease = options.databases.lease();
  const revision = await buildRevision({
    id,
    project,
    api,
    pools: lease.pools,
    authenticator,
    basePath: `/${project.name}`,
    graphiql: true,
    operations,
    cursorSecret: purposeKey(issuer.config.secret!, 'cursors', project.name),
    timing: true,
    release: lease.release,
  }).catch(async (cause: unknown) => {
    await lease.release();
    throw cause;
  });
  await probeDescription(revision);
  keys.keepOnly(new Set(auth.jwt.map(({ jwks }) => jwks).filter((url) => url !== undefined)));
  return ended(found, { kind: 'built', revision, lock: next });
}

async function reset(directory: string, project: Project): Promise<readonly string[]> {
  try {
    return await resetEmbedded(directory, project);
  } catch (error) {
    throw new Refused('DatabaseUnreachable', error instanceof Error ? error.message : String(error));
  }
}

/** Opens, prepares and introspects all; a database that cannot be reached is noted and left out. */
async function readDatabases(
  options: AttemptOptions,
  project: Project,
  urls: ReadonlyMap<string, string>,
  scripts: ReadonlyMap<string, Scripts>,
  found: Findings,
): Promise<ReadonlyMap<string, Catalog>> {
  const { databases, failures } = await options.databases.open(project, urls);
  for (const [name, problem] of failures) found.notReached(name, problem);
  const catalogs = new Map<string, Catalog>();
  for (const [name, database] of databases) {
    try {
      catalogs.set(name, await readDatabase(options, project, database, scripts.get(name)!, found));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      found.notReached(name, error);
    }
  }
  found.refuseErrors('MigrationFailed', 'A migration or seed could not be applied.');
  return catalogs;
}

async function readDatabase(
  options: AttemptOptions,
  project: Project,
  database: Database,
  scripts: Scripts,
  found: Findings,
): Promise<Catalog> {
  const { name } = database.config;
  // Polled before it is read: what changes in between, `migrate up` of another process too, is noticed by the next poll.
  const before = database.config.engine === 'embedded' ? undefined : await database.poll();
  const prepared = await prepareDatabase(project, database, scripts, (step) => options.onStep(name, step));
  found.diagnostics.push(...prepared.diagnostics);
  found.polled.set(name, before ?? (await database.poll()));
  const catalog = await database.introspect();
  found.reached(name, prepared.pending);
  return catalog;
}

async function readRecorded(directory: string, found: Findings): Promise<Lock | undefined> {
  const lock = await readLock(directory);
  // A lock that cannot be read is written anew from the live databases; until then its words are only a warning.
  const softened = lock.diagnostics.map((diagnostic) =>
    diagnostic.severity === 'error' ? { ...diagnostic, severity: 'warning' as const } : diagnostic,
  );
  found.diagnostics.push(...softened);
  return lock.value;
}

/** A database that cannot be reached is as its lock says, so that its requests are told 503 and nothing else changes. */
function withRecorded(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  lock: Lock | undefined,
  found: Findings,
): ReadonlyMap<string, Catalog> {
  const known = new Map<string, Catalog>();
  for (const name of project.databases.keys()) {
    const catalog = catalogs.get(name) ?? lock?.databases.get(name)?.catalog;
    if (catalog !== undefined) {
      known.set(name, catalog);
      continue;
    }
    const problem = found.unreachable.get(name);
    const why =
      problem === undefined ? '' : ` ${problem.message}${problem.hint === null ? '' : ` (${problem.hint})`}`;
    throw new Refused(
      'DatabaseUnreachable',
      `Database "${name}" cannot be read, and no lock describes it.${why}`,
    );
  }
  return known;
}

/** Databases that were read and have nothing pending; of the others that were read it is said what the lock does. */
function currentOf(project: Project, lock: Lock | undefined, found: Findings): ReadonlySet<string> {
  const current = new Set<string>();
  for (const { name, reachable, pendingMigrations } of found.databases.values()) {
    if (!reachable) continue;
    if (pendingMigrations === 0) current.add(name);
    else found.diagnostics.push(lockKept(project, name, lock));
  }
  return current;
}
