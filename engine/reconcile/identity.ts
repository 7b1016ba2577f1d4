/** The ids of revisions: the same sources, schema and configuration give the same id. Pure. */
import { createHash, createHmac } from 'node:crypto';
import type { AuthConfig, Project } from '../../schema/project.ts';
import type { EdgeNames } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** What a revision is besides its sources. */
export interface Configuration {
  readonly catalogs: ReadonlyMap<string, Catalog>;
  readonly names: ReadonlyMap<string, EdgeNames>;
  /** With references resolved: another secret is another revision. */
  readonly auth: AuthConfig;
  /** Resolved URLs by database. */
  readonly urls: ReadonlyMap<string, string>;
  /** Tables that the live database does not have as the lock says. */
  readonly broken?: ReadonlySet<string>;
  /** Keys the hash, so that the id, which every answer carries, tells nothing of a secret. */
  readonly key: string | Buffer;
}

export interface Identity extends Configuration {
  readonly project: Project;
  /** Hash of the scripts by database. */
  readonly scripts: ReadonlyMap<string, string>;
}

/** @returns `dev@sha256:<12 hex of the tree>+<8 hex of catalog and configuration>` */
export function revisionId(identity: Identity): string {
  const tree = createHash('sha256');
  for (const [file, hash] of identity.project.files) tree.update(`${JSON.stringify(file)} ${hash}\n`);
  for (const [database, hash] of identity.scripts) tree.update(`${JSON.stringify(database)} ${hash}\n`);
  return `dev@sha256:${tree.digest('hex').slice(0, 12)}+${configurationHash(identity)}`;
}

/**
 * @param ref    `main`, or a full name
 * @param commit full id
 * @returns `main@sha1:<commit>+<8 hex of catalog and configuration>`
 */
export function commitRevisionId(ref: string, commit: string, configuration: Configuration): string {
  const algorithm = commit.length === 64 ? 'sha256' : 'sha1';
  return `${ref}@${algorithm}:${commit}+${configurationHash(configuration)}`;
}

function configurationHash({ catalogs, names, auth, urls, broken, key }: Configuration): string {
  const hash = createHmac('sha256', key);
  for (const [name, { fingerprint }] of catalogs) hash.update(`${JSON.stringify([name, fingerprint])}\n`);
  for (const [database, edges] of names)
    hash.update(
      `${JSON.stringify([database, [...edges].map(([relation, names]) => [relation, [...names]])])}\n`,
    );
  hash.update(JSON.stringify([auth, [...urls]]));
  for (const table of broken ?? []) hash.update(`\n${JSON.stringify(table)}`);
  return hash.digest('hex').slice(0, 8);
}
