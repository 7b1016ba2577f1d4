/**
 * `node test/differential/report.ts [group…] [--leave-out content-profile]`: asks all cases, or those of some groups, and
 * prints what does not match. `--leave-out` says nothing of one header or part of the answer.
 */
import { parseArgs } from 'node:util';
import type { Scope } from '../database.ts';
import { fourteen } from './fourteen.ts';
import { groups } from './groups.ts';
import { museum } from './project.ts';
import { type Outcome, runGroup, runOurs } from './run.ts';
import { openSides } from './sides.ts';
import { summaryOf, tellOutcome } from './tell.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'leave-out': { type: 'string', multiple: true, default: [] } },
});
const ends: (() => unknown)[] = [];
const after = ((end: () => unknown) => ends.push(end)) as unknown as Scope['after'];
const told: string[] = [];
const summary: string[] = [];
try {
  const sides = await openSides({ after }, museum);
  for (const group of groups) {
    if (positionals.length > 0 && !positionals.includes(group.name)) continue;
    const outcomes = (await runGroup(sides, group)).map(withoutLeftOut);
    const wrong = outcomes.filter(({ mismatches }) => mismatches.length > 0);
    if (wrong.length > 0) told.push(`## ${group.name}\n\n${wrong.map(tellOutcome).join('\n\n')}`);
    summary.push(summaryOf(group.name, outcomes));
  }
  if (positionals.length === 0 || positionals.includes('fourteen')) {
    const wrong = (await runOurs(sides, fourteen)).filter(({ mismatches }) => mismatches.length > 0);
    if (wrong.length > 0) told.push(`## fourteen\n\n${wrong.map(tellOutcome).join('\n\n')}`);
    summary.push(`fourteen: ${fourteen.length - wrong.length} of ${fourteen.length} match`);
  }
} finally {
  for (const end of ends.toReversed()) await end();
}
console.log([...told, `## Summary\n\n${summary.join('\n')}`].join('\n\n'));

function withoutLeftOut(outcome: Outcome): Outcome {
  const mismatches = outcome.mismatches.filter(({ what }) => !values['leave-out'].includes(what));
  return { ...outcome, mismatches };
}
