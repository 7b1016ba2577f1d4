/** What became of the functions of one name. */
import type { Routine, RoutineResult, Type } from './catalog.ts';
import type { Report } from './drift.ts';
import { compareTypes } from './drift-type.ts';
import { factsOf } from './fingerprint.ts';
import { signature } from './type.ts';

/** @param key of the catalog: `public.search` */
export function compareOverloads(
  key: string,
  locked: readonly Routine[],
  live: readonly Routine[],
  report: Report,
): void {
  for (const routine of locked) {
    const now = live.find((one) => identityOf(one) === identityOf(routine));
    if (now === undefined) report('function-gone', `Function ${titleOf(key, routine)} is gone.`);
    else compareRoutines(routine, now, `Function ${titleOf(key, routine)}`, report);
  }
  for (const routine of live) {
    if (locked.some((one) => identityOf(one) === identityOf(routine))) continue;
    report(
      locked.length === 0 ? 'function-added' : 'overload-added',
      `Function ${titleOf(key, routine)} has been added.`,
    );
  }
}

/** A procedure may have the name and the arguments of a function. */
function identityOf({ arguments: args, parameters, result }: Routine): string {
  return JSON.stringify([signature(args), parameters !== undefined || result.kind === 'records']);
}

function titleOf(key: string, { arguments: args }: Routine): string {
  return `"${key}"(${signature(args)})`;
}

function compareRoutines(locked: Routine, live: Routine, title: string, report: Report): void {
  compareArguments(locked, live, title, report);
  compareResults(locked.result, live.result, title, report);
  const [before, after] = [steadiness[locked.volatility], steadiness[live.volatility]];
  if (before < after)
    report('function-volatility-changed', `${title} was ${locked.volatility}, and is ${live.volatility}.`);
  if (before > after)
    report('facts-changed', `${title} was ${locked.volatility}, and is ${live.volatility}.`);
  if (locked.definer !== live.definer)
    report(
      'function-rights-changed',
      `${title} runs with the rights of ${live.definer ? 'its owner' : 'who calls it'} now.`,
    );
  if (locked.oneRow && !live.oneRow) report('function-result-changed', `${title} may give several rows now.`);
  if (!locked.oneRow && live.oneRow) report('facts-changed', `${title} says that it gives one row.`);
  if (locked.comment !== live.comment) report('comment-changed', `${title} has another comment.`);
}

const steadiness = { immutable: 0, stable: 1, volatile: 2 };

function compareArguments(locked: Routine, live: Routine, title: string, report: Report): void {
  const place = ({ arguments: args, parameters }: Routine) =>
    factsOf([args.map(({ name, variadic }) => [name, variadic]), parameters ?? null]);
  const pairs = locked.arguments.map((one, index) => [one, live.arguments[index]!] as const);
  if (place(locked) !== place(live))
    report('function-arguments-changed', `${title} has other names of arguments.`);
  if (pairs.some(([before, after]) => before.optional && !after.optional))
    report('function-arguments-changed', `${title} must be given an argument that could be left out.`);
  if (pairs.some(([before, after]) => !before.optional && after.optional))
    report('facts-changed', `${title} can be called with fewer arguments.`);
  for (const [before, after] of pairs)
    for (const { what, said } of compareTypes(before.type, after.type))
      report(what, `An argument of ${lowered(title)} ${said}.`);
}

function compareResults(locked: RoutineResult, live: RoutineResult, title: string, report: Report): void {
  if (formOf(locked) !== formOf(live))
    report('function-result-changed', `${title} gives something else than the lock says.`);
  else if (locked.kind === 'scalar' && live.kind === 'scalar')
    tellOfTypes(locked.type, live.type, `What ${lowered(title)} gives`, report);
  else if (locked.kind === 'rows' && live.kind === 'rows') compareRows(locked, live, title, report);
}

/** All but the types. */
function formOf(result: RoutineResult): string {
  const relation = result.kind === 'rows' ? result.relation : null;
  return factsOf([result.kind, 'set' in result ? result.set : null, relation]);
}

function tellOfTypes(locked: Type, live: Type, subject: string, report: Report): void {
  for (const { what, said } of compareTypes(locked, live))
    report(what === 'type-changed' ? 'function-result-changed' : what, `${subject} ${said}.`);
}

function lowered(title: string): string {
  return title.replace('Function', 'function');
}

type Rows = Extract<RoutineResult, { kind: 'rows' }>;

function compareRows(locked: Rows, live: Rows, title: string, report: Report): void {
  for (const [name, type] of locked.columns) {
    const now = live.columns.get(name);
    if (now === undefined) report('function-result-changed', `${title} no longer gives "${name}".`);
    else tellOfTypes(type, now, `"${name}" of what ${lowered(title)} gives`, report);
  }
  const added = [...live.columns.keys()].filter((name) => !locked.columns.has(name));
  if (added.length > 0)
    report('facts-changed', `${title} gives ${added.map((name) => `"${name}"`).join(', ')} too.`);
}
