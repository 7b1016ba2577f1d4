/**
 * Who gains and who loses what, by what every role can do on both sides: what it was granted, what it inherits, and what the
 * database makes of it. Nothing is read from the YAML but where a thing is written, and which columns are personal. Pure.
 */
import type { Table, World } from '../../api/api.ts';
import type { Finding, Side } from '../change.ts';
import { callerEffects, dryRunEffects } from './callers.ts';
import { callingEffects } from './calling.ts';
import { type Correspondence, correspond, type TablePair } from './correspondence.ts';
import type { Effect, TableCase } from './effect.ts';
import { type Attributed, foldEffects, type Subject } from './fold.ts';
import { grantedEffects } from './granted.ts';
import { linkEffects, type Told } from './links.ts';
import { placeOf } from './place.ts';
import { readingEffects } from './reading.ts';
import { relationEffects } from './relations.ts';
import { type Compare, createCompare } from './strength.ts';
import { writingEffects } from './writing.ts';

/**
 * Every right that a role of the head gains or loses, by table and role. What is gone from the API as a whole, a role
 * included, is the API diff's to tell; what is new is told here as well.
 *
 * @param base undefined: the project is new, and everything granted is gained, told in one finding a table
 */
export function diffAccess(base: Side | undefined, head: Side): readonly Finding[] {
  const correspondence = correspond(base?.api, head.api);
  const comparison: Comparison = { base, head, correspondence, compare: createCompare(correspondence) };
  const asked = subjectsOf(base, head);
  const effects = asked.flatMap((one) => effectsOf(one, comparison));
  return foldEffects(inOrder([...effects, ...callerEffects(base, head)], head));
}

interface Comparison {
  readonly base: Side | undefined;
  readonly head: Side;
  readonly correspondence: Correspondence;
  readonly compare: Compare;
}

/** Whose worlds are compared: a role with itself, and what callers without a token had with what they have. */
interface Asked {
  readonly of: Subject;
  readonly before: World;
  readonly after: World;
  /** Nothing was there at all: it is told by tables. */
  readonly isNew: boolean;
}

const nothing: World = {
  role: '',
  tables: new Map(),
  functions: new Map(),
  rest: () => undefined,
  rpc: () => undefined,
};

function subjectsOf(base: Side | undefined, { api }: Side): readonly Asked[] {
  const isMoved = base !== undefined && base.api.anonymous !== api.anonymous;
  const before = (role: string | undefined): World =>
    role !== undefined && base?.api.roles.has(role) ? base.api.world(role) : nothing;
  const roles = [...api.roles.keys()].map((role): Asked => {
    // Of a role that is new as well, whatever it gains callers without a token gain too.
    const isAnonymous = role === api.anonymous && (!isMoved || !base.api.roles.has(role));
    const of: Subject = { kind: 'role', role, isAnonymous };
    return { of, before: before(role), after: api.world(role), isNew: base === undefined };
  });
  if (!isMoved || api.anonymous === undefined) return roles;
  const of: Subject = { kind: 'without-token', role: api.anonymous };
  const was = before(base.api.anonymous);
  const isTold = base.api.anonymous === undefined && !base.api.roles.has(api.anonymous);
  return isTold
    ? roles
    : [...roles, { of, before: was, after: api.world(api.anonymous), isNew: was === nothing }];
}

function effectsOf(asked: Asked, comparison: Comparison): readonly Attributed[] {
  const { of, before, after, isNew } = asked;
  const { base, head, correspondence } = comparison;
  const cases = correspondence.tables.map((pair) => caseOf(asked, pair, comparison));
  const reading = cases.map((one) => ({ one, effects: isNew ? grantedEffects(one) : tableEffects(one) }));
  const pairs = new Map(correspondence.tables.map((pair) => [pair.head, pair]));
  const told = toldOf(reading);
  const links = { before, pairOf: (table: Table) => pairs.get(table), told };
  const effects = [
    ...reading.flatMap(({ one, effects: own }) => [...own, ...(isNew ? [] : linkEffects(one, links))]),
    ...callingEffects({
      functions: correspondence.functions,
      before,
      after,
      holdsPersonal: (table) =>
        [...(base?.project.tables.get(table)?.columns.values() ?? [])].some(({ personal }) => personal),
    }),
    ...(of.kind === 'role' ? dryRunEffects(of.role, base, head) : []),
  ];
  return effects.map((effect) => ({ of, effect }));
}

function caseOf(
  { of, before, after }: Asked,
  pair: TablePair,
  { base, head, correspondence, compare }: Comparison,
): TableCase {
  return {
    role: of.role,
    pair,
    before: pair.base && before.tables.get(pair.base.name),
    after: after.tables.get(pair.head.name),
    compare,
    isPersonal: (table, column) => isPersonal(table, column, { base, head, correspondence }),
    placeOf: (at) => placeOf(at, base?.project, head.project),
  };
}

/** A tag that is taken away with the same change counts still: it may be what stood in the way. */
function isPersonal(
  table: Table,
  column: string,
  { base, head, correspondence }: Pick<Comparison, 'base' | 'head' | 'correspondence'>,
): boolean {
  const isTagged = ({ project }: Side, { name }: Table, of: string) =>
    project.tables.get(name)?.columns.get(of)?.personal === true;
  if (isTagged(head, table, column)) return true;
  const { base: before, columns } = correspondence.overRelation(table, 'head');
  const now = table.byDatabaseName.get(column);
  const was = now && columns.toBase.get(now);
  return (
    base !== undefined && before !== undefined && was !== undefined && isTagged(base, before, was.column)
  );
}

function tableEffects(one: TableCase): readonly Effect[] {
  if (one.before === undefined && one.after === undefined) return [];
  return [...relationEffects(one), ...readingEffects(one), ...writingEffects(one)];
}

function toldOf(reading: readonly { readonly one: TableCase; readonly effects: readonly Effect[] }[]): Told {
  const tables = new Set<string>();
  const columns = new Set<string>();
  for (const { one, effects } of reading) {
    const { name } = one.pair.head;
    const [could, can] = [one.before?.select !== undefined, one.after?.select !== undefined];
    if (could !== can) tables.add(JSON.stringify([can, name]));
    for (const { rule, columns: list = [] } of effects)
      if (rule === 'read-gained' || rule === 'read-lost')
        for (const column of list) columns.add(JSON.stringify([rule === 'read-gained', name, column]));
  }
  return {
    table: (name, isGain) => tables.has(JSON.stringify([isGain, name])),
    column: (table, column, isGain) => columns.has(JSON.stringify([isGain, table, column])),
  };
}

/** Who calls first, then table by table as the project lists them, functions, and the rest; within each by role. */
function inOrder(effects: readonly Attributed[], { api }: Side): readonly Attributed[] {
  const tables = new Map([...api.tables.keys()].map((name, index) => [name, index]));
  const rank = ({ effect: { subject, rule } }: Attributed): number => {
    if (rule.startsWith('anonymous-')) return -1;
    return (
      tables.get(subject.table ?? '') ?? (subject.function === undefined ? tables.size + 1 : tables.size)
    );
  };
  return [...effects].sort((one, other) => rank(one) - rank(other));
}
