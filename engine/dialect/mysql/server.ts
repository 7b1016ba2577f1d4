/** Which server answers, by the version that it prints, and what it can do. Pure. */
import type { Capabilities } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';

export interface Server {
  readonly engine: 'mysql' | 'mariadb';
  /** `10.11` or `8.4`: two parts say what the server can do. */
  readonly version: string;
  readonly capabilities: Capabilities;
}

const common = {
  arrays: false,
  ranges: false,
  fullText: true,
  transactionalDdl: false,
} as const;

const kinds = {
  mysql: {
    title: 'MySQL',
    // The oldest whose derived tables see what stands around them, and which names the rows of an upsert.
    oldest: [8, 0, 19],
    capabilities: Object.freeze({ ...common, returning: false, lateral: true }),
  },
  mariadb: {
    title: 'MariaDB',
    oldest: [10, 11, 0],
    capabilities: Object.freeze({ ...common, returning: true, lateral: false }),
  },
} as const;

/**
 * @param text as `VERSION()` gives it: `8.0.36`, `10.11.6-MariaDB-log`
 * @throws {Problem} NS501 the server is too old
 */
export function serverOf(text: string): Server {
  const engine = /mariadb/i.test(text) ? 'mariadb' : 'mysql';
  const { title, oldest, capabilities } = kinds[engine];
  // Behind some proxies MariaDB's stands after one that old replicas are told.
  const [, ...found] = /^(?:5\.5\.5-(?=\d))?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? ['', '0', '0', '0'];
  const parts = found.map((part) => Number(part ?? 0));
  if (isOlder(parts, oldest))
    throw new Problem('NS501', {
      message: `${title} ${parts.join('.')} is too old.`,
      hint: `use version ${oldest.join('.').replace(/\.0$/, '')} or newer`,
    });
  return { engine, version: parts.slice(0, 2).join('.'), capabilities };
}

function isOlder(parts: readonly number[], oldest: readonly number[]): boolean {
  for (const [index, least] of oldest.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}
