/** Every case asked of both sides; what came of each. */
import { type Answer, compare, lacks, type Mismatch } from './answer.ts';
import type { Case, Expected, Group } from './case.ts';
import { asNewer } from './newer.ts';
import type { Sides } from './sides.ts';
import { standing } from './standing.ts';

export interface Outcome {
  readonly group: string;
  readonly asked: Case;
  readonly theirs: Answer;
  readonly ours: Answer;
  /** Empty when all is as it should be. */
  readonly mismatches: readonly Mismatch[];
  /** The rows of docs/differences.md that the case has shown. */
  readonly rows: readonly string[];
}

export async function runGroup(sides: Sides, { name, cases }: Group): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const asked of cases) outcomes.push({ group: name, asked, ...(await runCase(sides, asked)) });
  return outcomes;
}

/** Cases whose right answer is known, asked of NovaStack alone. */
export async function runOurs(
  { ours }: Sides,
  cases: readonly (Case & { readonly ours: Expected })[],
): Promise<readonly Pick<Outcome, 'asked' | 'mismatches'>[]> {
  const outcomes: Pick<Outcome, 'asked' | 'mismatches'>[] = [];
  for (const asked of cases) {
    outcomes.push({ asked, mismatches: lacks(await ours.ask(asked), asked.ours) });
    if (isWrite(asked)) await ours.kept.settle();
  }
  return outcomes;
}

function isWrite({ request }: Case): boolean {
  return !/^(GET|HEAD|OPTIONS) /.test(request);
}

async function runCase(sides: Sides, asked: Case): Promise<Omit<Outcome, 'group' | 'asked'>> {
  const [theirs, ours] = await Promise.all([sides.theirs.ask(asked), sides.ours.ask(asked)]);
  const states = isWrite(asked) ? await statesAfter(sides) : undefined;
  if (asked.difference !== undefined) {
    const same =
      compare(theirs, ours, 'none').length === 0 && (states === undefined || states[0] === states[1]);
    const mismatches = [
      ...lacks(ours, asked.ours!),
      ...(same ? [{ what: 'difference', theirs: 'none', ours: 'none' }] : []),
    ];
    return { theirs, ours, mismatches, rows: [asked.difference] };
  }
  const { expected, rows } = standing(asNewer(theirs));
  const stored = states === undefined || states[0] === states[1] ? [] : [storedMismatch(states)];
  return { theirs, ours, mismatches: [...compare(expected, ours, asked.words), ...stored], rows };
}

/** What the write left behind, on both; then all is put back. */
async function statesAfter({ theirs, ours }: Sides): Promise<readonly [string, string]> {
  return Promise.all([theirs.kept.settle(), ours.kept.settle()]);
}

/** Only the rows that one has and the other has not. */
function storedMismatch([theirs, ours]: readonly [string, string]): Mismatch {
  const lines = (text: string) => text.split(/[\n\f]/);
  const without = (text: string, other: string) => {
    const others = new Set(lines(other));
    return lines(text).filter((line) => !others.has(line));
  };
  return { what: 'stored', theirs: without(theirs, ours), ours: without(ours, theirs) };
}
