/** `node test/differential/portable/report.ts [--engine mysql] [group…]`: asks the cases, prints what does not match. */
import { parseArgs } from 'node:util';
import type { Scope, TestEngine } from '../../database.ts';
import { tellOutcome } from '../tell.ts';
import { portableGroups } from './groups.ts';
import { runPortable } from './run.ts';
import { openPortable } from './world.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: 'string', multiple: true, default: ['mariadb', 'mysql'] } },
});
const ends: (() => unknown)[] = [];
const scope: Scope = { after: (end) => void ends.push(end) };
const told: string[] = [];
const summary: string[] = [];
try {
  const postgres = await openPortable(scope, 'postgres');
  const others = await Promise.all(values.engine.map((engine) => openPortable(scope, engine as TestEngine)));
  const { groups, left } = await portableGroups(postgres.names);
  summary.push(`left out: ${left}`);
  for (const group of groups) {
    if (positionals.length > 0 && !positionals.includes(group.name)) continue;
    const start = performance.now();
    const outcomes = await runPortable({ postgres, others }, group);
    const took = Math.round(performance.now() - start);
    for (const { engine } of others) {
      const own = outcomes.filter((one) => one.engine === engine);
      const wrong = own.filter(({ mismatches }) => mismatches.length > 0);
      if (wrong.length > 0)
        told.push(`## ${group.name} on ${engine}\n\n${wrong.map(tellOutcome).join('\n\n')}`);
      summary.push(
        `${engine} ${group.name}: ${own.length - wrong.length} of ${own.length} match (${took} ms)`,
      );
    }
  }
} finally {
  for (const end of ends.toReversed()) await end();
}
console.log([...told, `## Summary\n\n${summary.join('\n')}`].join('\n\n'));
