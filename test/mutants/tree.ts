/** A copy of the tree in a temporary folder, where code may be changed and put back. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Edit, mutated, root } from './mutant.ts';

export interface Tree {
  readonly path: string;
  /** Gives what puts everything back. */
  apply(edits: readonly Edit[]): () => void;
  remove(): void;
}

/** Every file that Git knows or could know, as it is here, with the packages linked. */
export function copyTree(): Tree {
  const path = mkdtempSync(join(tmpdir(), 'novastack-mutant-'));
  for (const file of filesHere()) {
    const from = join(root, file);
    if (!existsSync(from) || lstatSync(from).isDirectory()) continue;
    mkdirSync(dirname(join(path, file)), { recursive: true });
    cpSync(from, join(path, file), { verbatimSymlinks: true });
  }
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'), 'junction');
  return {
    path,
    apply: (edits) => apply(path, edits),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function filesHere(): readonly string[] {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\0')
    .filter((file) => file !== '' && file !== 'node_modules');
}

function apply(path: string, edits: readonly Edit[]): () => void {
  const before = new Map<string, string>();
  const restore = () => {
    for (const [file, text] of before) writeFileSync(join(path, file), text);
  };
  try {
    for (const edit of edits) {
      const text = readFileSync(join(path, edit.file), 'utf8');
      const changed = mutated(text, edit);
      if (!before.has(edit.file)) before.set(edit.file, text);
      writeFileSync(join(path, edit.file), changed);
    }
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}
