/** Whether mutants fit their types: many are put into the tree at once, as long as they touch different places. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Edit, type Mutant, placeOf, readSource, root } from './mutant.ts';
import type { Tree } from './tree.ts';

/**
 * What taking code out leaves behind: imports and parameters that nobody uses, and what the check that is gone had found not
 * to be undefined.
 */
const leftBehind = /error TS(?:6133|6138|6192|6196|6198|6199|7027|18048):/;

export function typeErrors(mutants: readonly Mutant[], tree: Tree): readonly string[] {
  const errors: string[] = [];
  for (const some of apart(mutants)) {
    const restore = tree.apply(some.flatMap(({ edits }) => edits));
    const { stdout, error } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '--project', tree.path, '--pretty', 'false'],
      { cwd: tree.path, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    restore();
    if (error !== undefined) throw error;
    errors.push(...stdout.split('\n').filter((line) => / error TS/.test(line) && !leftBehind.test(line)));
  }
  return errors;
}

/** Groups in which no two change the same text. */
function apart(mutants: readonly Mutant[]): readonly (readonly Mutant[])[] {
  const groups: { readonly mutants: Mutant[]; readonly spans: Span[] }[] = [];
  for (const mutant of mutants) {
    const spans = mutant.edits.map(spanOf);
    const group = groups.find((one) => !one.spans.some((a) => spans.some((b) => overlap(a, b))));
    if (group === undefined) groups.push({ mutants: [mutant], spans });
    else {
      group.mutants.push(mutant);
      group.spans.push(...spans);
    }
  }
  return groups.map((one) => one.mutants);
}

interface Span {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

function spanOf({ file, find }: Edit): Span {
  const from = placeOf(readSource(file), find)!;
  return { file, from, to: from + find.length };
}

function overlap(a: Span, b: Span): boolean {
  return a.file === b.file && a.from < b.to && b.from < a.to;
}
