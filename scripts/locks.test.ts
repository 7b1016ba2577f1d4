/**
 * The lock files hold every package that a package asks for, other platforms' too: `npm ci` refuses to install from a
 * lock with a gap, and `npm install` leaves gaps for packages which a registry does not have.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
  readonly link?: boolean;
}

const root = join(import.meta.dirname, '..');

/** Where Node looks for `name` from the package at `path`, nearest first. */
function placesOf(path: string, name: string): readonly string[] {
  const folders = path === '' ? [] : path.split('/node_modules/');
  const above = folders.map((_, at) => `${folders.slice(0, at + 1).join('/node_modules/')}/`);
  return ['', ...above].reverse().map((prefix) => `${prefix}node_modules/${name}`);
}

const locks = execFileSync('git', ['ls-files', '*package-lock.json'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n');

for (const lock of locks) {
  test(`${lock} holds what its packages ask for, and names no registry`, () => {
    const { packages } = JSON.parse(readFileSync(join(root, lock), 'utf8')) as {
      packages: Record<string, Package>;
    };
    assert.ok(Object.keys(packages).length > 1);
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => !placesOf(path, name).some((place) => place in packages))
        .map((name) => `${name}, for ${path}`),
    );
    assert.deepEqual(missing, []);
    const resolved = Object.entries(packages).filter(([, entry]) => entry.resolved && !entry.link);
    assert.deepEqual(resolved, []);
  });
}
