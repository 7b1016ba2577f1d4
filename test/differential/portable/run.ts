/** Every case asked of Postgres and of one other engine; what came of each. */
import type { TestEngine } from '../../database.ts';
import type { Answer, Mismatch } from '../answer.ts';
import type { Case, Group } from '../case.ts';
import { agree } from './agree.ts';
import { differenceOf } from './differences.ts';
import type { PortableSide } from './world.ts';

export interface Sides {
  readonly postgres: PortableSide;
  readonly others: readonly PortableSide[];
}

export interface Outcome {
  readonly engine: TestEngine;
  readonly asked: Case;
  readonly theirs: Answer;
  readonly ours: Answer;
  /** Empty when all is as it should be. */
  readonly mismatches: readonly Mismatch[];
  /** The rows of docs/differences.md that the case has shown. */
  readonly rows: readonly string[];
}

export async function runPortable(
  { postgres, others }: Sides,
  { cases }: Group,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const asked of cases) outcomes.push(...(await runCase(postgres, others, asked)));
  return outcomes;
}

async function runCase(
  postgres: PortableSide,
  others: readonly PortableSide[],
  asked: Case,
): Promise<readonly Outcome[]> {
  const sides = [postgres, ...others];
  const answers = await Promise.all(sides.map((side) => side.ask(asked)));
  const writes = !/^(GET|HEAD|OPTIONS) /.test(asked.request);
  const states = writes ? await Promise.all(sides.map(({ kept }) => kept.settle())) : [];
  const [theirs, ...given] = answers;
  return others.map(({ engine }, at) => {
    const ours = given[at]!;
    const state = [states[0], states[at + 1]] as const;
    const plain = [...agree(asked, theirs!, ours), ...differing(...state)];
    const told = { engine, asked, theirs: theirs!, ours };
    if (plain.length === 0) return { ...told, mismatches: [], rows: [] };
    const { expected, isFree, alike, rows } = differenceOf(engine, asked, theirs!);
    const free = (what: string) => isFree.has(what);
    const mismatches = [...agree(asked, alike(expected), alike(ours)), ...differing(...state)].filter(
      ({ what }) => !free(what),
    );
    return { ...told, mismatches: [...mismatches, ...faults(theirs!, ours)], rows };
  });
}

/** Whatever a rule leaves free: what the one answers is no fault of the server on the other. */
function faults(theirs: Answer, ours: Answer): readonly Mismatch[] {
  if (ours.status < 500 || theirs.status >= 500) return [];
  return [{ what: 'fault', theirs: theirs.status, ours: ours.text }];
}

/** Only the rows that one has and the other has not. */
function differing(theirs: string | undefined, ours: string | undefined): readonly Mismatch[] {
  if (theirs === ours) return [];
  const [one, other] = [theirs!.split('\n'), ours!.split('\n')];
  const without = (lines: readonly string[], others: readonly string[]) => {
    const known = new Set(others);
    return lines.filter((line) => !known.has(line));
  };
  return [{ what: 'stored', theirs: without(one, other), ours: without(other, one) }];
}
