/** One place where a permission is enforced, the code without it, and the tests that fail then. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  /** A text that stands exactly once in the file. */
  readonly find: string;
  /** What stands there when the permission is not enforced. */
  readonly replace: string;
}

/** A test file, or those of its tests whose names fit the pattern. */
export type Killer = string | { readonly file: string; readonly tests: string };

export interface Mutant {
  readonly name: string;
  /** What nobody could do as long as the code is as it is. */
  readonly protects: string;
  /** Several where two places guard the same: one of them alone changes nothing that anybody sees. */
  readonly edits: readonly Edit[];
  readonly killedBy: readonly Killer[];
}

/** What most lists are of: one edit a mutant, in files of one folder. */
export type Row = readonly [
  name: string,
  protects: string,
  file: string,
  find: string,
  replace: string,
  ...killedBy: Killer[],
];

export function mutantsIn(folder: string, rows: readonly Row[]): readonly Mutant[] {
  return rows.map(([name, protects, file, find, replace, ...killedBy]) => ({
    name: `${folder}/${file.replace(/\.ts$/, '')}: ${name}`,
    protects,
    edits: [{ file: `${folder}/${file}`, find, replace }],
    killedBy,
  }));
}

export const root = join(import.meta.dirname, '..', '..');

export function readSource(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Where the text stands, when it stands there exactly once. */
export function placeOf(source: string, find: string): number | undefined {
  const at = source.indexOf(find);
  return at >= 0 && source.indexOf(find, at + 1) < 0 ? at : undefined;
}

/** @throws when the text does not stand there exactly once */
export function mutated(source: string, { file, find, replace }: Edit): string {
  const at = placeOf(source, find);
  if (at === undefined) throw new Error(`${file} does not have this text exactly once:\n${find}`);
  return source.slice(0, at) + replace + source.slice(at + find.length);
}

export function fileOf(killer: Killer): string {
  return typeof killer === 'string' ? killer : killer.file;
}
