/** The id of a revision of a folder: the same sources, schema and configuration give the same id. Pure. */
import { createHash, createHmac } from 'node:crypto';
import type { AuthConfig, Project } from '../../schema/project.ts';
import type { EdgeNames } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';

export interface Identity {
  readonly project: Project;
  /** Hash of the scripts by database. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly catalogs: ReadonlyMap<string, Catalog>;
  readonly names: ReadonlyMap<string, EdgeNames>;
  /** With references resolved: another secret is another revision. */
  readonly auth: AuthConfig;
  /** Resolved URLs by database. */
  readonly urls: ReadonlyMap<string, string>;
  /** Keys the hash of the configuration, so that the id, which every answer carries, tells nothing of a secret. */
  readonly key: string;
}

/** @returns `dev@sha256:<12 hex of the tree>+<8 hex of catalog and configuration>` */
export function revisionId(identity: Identity): string {
  const tree = createHash('sha256');
  for (const [file, hash] of identity.project.files) tree.update(`${JSON.stringify(file)} ${hash}\n`);
  for (const [database, hash] of identity.scripts) tree.update(`${JSON.stringify(database)} ${hash}\n`);
  const rest = createHmac('sha256', identity.key);
  for (const [name, { fingerprint }] of identity.catalogs)
    rest.update(`${JSON.stringify([name, fingerprint])}\n`);
  for (const [database, names] of identity.names)
    rest.update(
      `${JSON.stringify([database, [...names].map(([relation, edges]) => [relation, [...edges]])])}\n`,
    );
  rest.update(JSON.stringify([identity.auth, [...identity.urls]]));
  return `dev@sha256:${tree.digest('hex').slice(0, 12)}+${rest.digest('hex').slice(0, 8)}`;
}
