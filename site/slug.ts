/** Names of tables, functions and roles as names of folders and URLs: safe on every file system, and no two alike. Pure. */
import { createHash } from 'node:crypto';

/** Names that mean something to the tools that build or serve the site. */
const taken = new Set(['index', '404', 'con', 'prn', 'aux', 'nul']);

/**
 * A slug for each name: the name itself where it is short and plain (`[a-z0-9][a-z0-9_-]*`), else what of it is plain
 * and eight hex digits of its hash, so that names which differ in case or punctuation alone stay apart.
 *
 * @param kind stands for a name of which nothing is plain
 */
export function slugs(names: Iterable<string>, kind = 'table'): ReadonlyMap<string, string> {
  const all = [...names];
  const found = new Map<string, string>();
  const used = new Set(taken);
  for (const name of all) if (isPlain(name)) used.add(name);
  for (const name of all) found.set(name, isPlain(name) ? name : hashed(name, kind, used));
  return found;
}

function isPlain(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name) && !taken.has(name);
}

function hashed(name: string, kind: string, used: Set<string>): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const digest = createHash('sha256').update(name).digest('hex');
  for (let length = 8; ; length += 8) {
    const slug = `${plain === '' ? kind : plain}-${digest.slice(0, length)}`;
    if (used.has(slug) && length < digest.length) continue;
    used.add(slug);
    return slug;
  }
}
