/** The functions of a locked database: one file for all overloads of a name, written and read. Pure. */
import { type Canonical, CanonicalMap, type Entries } from './canonical.ts';
import type { Argument, Routine, RoutineResult, Type } from './catalog.ts';
import type { LockEntry } from './lock-entry.ts';
import type { LockedTypes } from './lock-types.ts';
import { signature, typeText } from './type.ts';

/** @param overloads at least one, all of one name */
export function routineEntries(overloads: readonly Routine[]): Entries {
  return [
    ['schema', overloads[0]!.schema],
    ['function', overloads[0]!.name],
    ['overloads', overloads.map(overloadMap)],
  ];
}

/** Every type that the function names. */
export function typesOf({ arguments: args, result }: Routine): readonly Type[] {
  const given = args.map(({ type }) => type);
  switch (result.kind) {
    case 'void':
    case 'records':
      return given;
    case 'scalar':
      return [...given, result.type];
    case 'rows':
      return [...given, ...result.columns.values()];
    default:
      return result satisfies never;
  }
}

function overloadMap(routine: Routine): CanonicalMap {
  const { arguments: args, comment, volatility, definer, oneRow } = routine;
  return new CanonicalMap([
    ['arguments', args.length === 0 ? undefined : args.map(argumentMap)],
    ['parameters', routine.parameters && [...routine.parameters]],
    ...resultEntries(routine.result),
    ['one_row', oneRow || undefined],
    ['volatility', volatility],
    ['definer', definer || undefined],
    ['comment', comment ?? undefined],
  ]);
}

function argumentMap({ name, type, optional, variadic }: Argument): CanonicalMap {
  return new CanonicalMap([
    ['name', name ?? undefined],
    ['type', typeText(type)],
    ['optional', optional || undefined],
    ['variadic', variadic || undefined],
  ]);
}

/** Instead of a type; the system's own types, which go without a schema, have no such names. */
const nothing = 'void';
const row = 'row';
const records = 'records';

function resultEntries(result: RoutineResult): Entries {
  switch (result.kind) {
    case 'void':
      return [['returns', nothing]];
    case 'records':
      return [['returns', records]];
    case 'scalar':
      return [
        ['returns', typeText(result.type)],
        ['set', result.set || undefined],
      ];
    case 'rows':
      return [
        ['returns', row],
        ['set', result.set || undefined],
        ['relation', relationMap(result.relation)],
        [
          'columns',
          [...result.columns].map(
            ([name, type]) =>
              new CanonicalMap([
                ['name', name],
                ['type', typeText(type)],
              ]),
          ),
        ],
      ];
    default:
      return result satisfies never;
  }
}

function relationMap(
  relation: { readonly schema: string; readonly name: string } | null,
): Canonical | undefined {
  if (relation === null) return undefined;
  return new CanonicalMap([
    ['schema', relation.schema],
    ['name', relation.name],
  ]);
}

/** The file of one name; the caller ends the entry. */
export function readRoutines(
  entry: LockEntry,
  types: LockedTypes,
): { readonly schema: string; readonly name: string; readonly overloads: readonly Routine[] } {
  const schema = entry.text('schema');
  const name = entry.text('function');
  const items = entry.entries('overloads');
  if (items.length === 0) entry.fault('The key "overloads" must list at least one.', 'overloads');
  const seen = new Set<string>();
  const overloads = items.map((item) => {
    const routine = Object.freeze({ schema, name, ...readOverload(item, types, name) });
    const of = signature(routine.arguments);
    // A procedure may have the name and the arguments of a function.
    const key = `${of} ${routine.parameters !== undefined || routine.result.kind === 'records'}`;
    if (seen.has(key)) item.fault(`The overload (${of}) is listed twice.`, 'arguments');
    seen.add(key);
    return routine;
  });
  return { schema, name, overloads };
}

function readOverload(entry: LockEntry, types: LockedTypes, name: string): Omit<Routine, 'schema' | 'name'> {
  const parameters = entry.has('parameters') ? entry.texts('parameters') : undefined;
  const overload = {
    comment: entry.optionalText('comment') ?? null,
    arguments: entry.entries('arguments').map((item) => readArgument(item, types, name)),
    result: readResult(entry, types, name),
    volatility: entry.oneOf('volatility', ['immutable', 'stable', 'volatile'] as const),
    definer: entry.flag('definer'),
    oneRow: entry.flag('one_row'),
    ...(parameters && { parameters }),
  };
  entry.end();
  return overload;
}

function readArgument(entry: LockEntry, types: LockedTypes, of: string): Argument {
  const name = entry.optionalText('name') ?? null;
  const argument = {
    name,
    type: types.read(entry, 'type', `${of}_${name}`),
    optional: entry.flag('optional'),
    variadic: entry.flag('variadic'),
  };
  entry.end();
  return argument;
}

function readResult(entry: LockEntry, types: LockedTypes, of: string): RoutineResult {
  const returns = entry.text('returns');
  if (returns === nothing) return { kind: 'void' };
  if (returns === records) return { kind: 'records' };
  const set = entry.flag('set');
  if (returns !== row) return { kind: 'scalar', type: types.read(entry, 'returns', of), set };
  const columns = new Map<string, Type>();
  for (const item of entry.entries('columns')) {
    const name = item.text('name');
    if (columns.has(name)) item.fault(`The column "${name}" is listed twice.`, 'name');
    columns.set(name, types.read(item, 'type', `${of}_${name}`));
    item.end();
  }
  return { kind: 'rows', set, columns, relation: readRelationName(entry) };
}

function readRelationName(entry: LockEntry): { readonly schema: string; readonly name: string } | null {
  if (!entry.has('relation')) return null;
  const relation = entry.entry('relation');
  const name = { schema: relation.text('schema'), name: relation.text('name') };
  relation.end();
  return name;
}
