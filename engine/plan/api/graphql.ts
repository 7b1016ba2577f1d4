/** Names of GraphQL that another thing takes: of tables, of what is made of them, and of functions. Pure. */
import type { Api, World } from '../../api/api.ts';
import { functionForm } from '../../api/graphql-functions.ts';
import { derivedNames, reservedNames } from '../../api/graphql-names.ts';
import type { Place, Subject } from '../change.ts';
import { type Sentence, say, strong } from '../sentence.ts';
import { type Comparison, rolesWhere } from './comparison.ts';

/** One name that its thing does not have, because of another. */
interface Clash {
  readonly subject: Subject;
  readonly name: string;
  readonly what: Sentence;
  /** Undefined: a name of the schema itself. */
  readonly other: { readonly table?: string; readonly function?: string } | undefined;
  readonly place: Place;
}

export function compareGraphqlNames(comparison: Comparison): void {
  const [before, after] = [clashesOf(comparison.base.api), clashesOf(comparison.head.api)];
  const { head } = comparison;
  for (const [key, clash] of after) if (!before.has(key)) tellLost(clash, comparison);
  for (const [key, { subject, name, what, other, place }] of before) {
    if (after.has(key) || !isThere(subject, head.api)) continue;
    comparison.tell('graphql-name-gained', {
      subject: { ...subject, value: name },
      roles: rolesWhere(
        comparison,
        (world) => sees(world, subject) && (other === undefined || sees(world, other)),
      ),
      sentence: say`${what} is in GraphQL as ${name}, and was left out.`,
      place,
    });
  }
}

function tellLost({ subject, name, what, other, place }: Clash, comparison: Comparison): void {
  const { base, head } = comparison;
  if (!isThere(subject, base.api)) return;
  comparison.tell('graphql-name-lost', {
    subject: { ...subject, value: name },
    // Each role has a schema of its own: a name is taken by what it sees.
    roles: rolesWhere(comparison, (world) => sees(world, subject)).filter(
      (role) => other === undefined || sees(head.api.world(role), other),
    ),
    sentence: say`${what} is ${strong('left out of GraphQL')}, where ${name} is ${ownerOf(other)}.`,
    hint: 'give one of the two another name',
    place,
  });
}

function ownerOf(other: Clash['other']): Sentence {
  if (other === undefined) return ['a name of the schema itself'];
  return other.table === undefined ? say`function ${other.function!}` : say`table ${other.table}`;
}

function sees(world: World, { table, function: name }: Subject): boolean {
  return table === undefined ? world.functions.has(name!) : world.tables.has(table);
}

function isThere({ table, function: name }: Subject, api: Api): boolean {
  return table === undefined ? api.functions.has(name!) : api.tables.has(table);
}

/** By what they are of and the name. */
function clashesOf(api: Api): ReadonlyMap<string, Clash> {
  const clashes = new Map<string, Clash>();
  const note = (clash: Clash) => clashes.set(JSON.stringify([clash.subject, clash.name]), clash);
  findInTables(api, note);
  findInFunctions(api, note);
  return clashes;
}

function findInTables({ tables }: Api, note: (clash: Clash) => void): void {
  const declared = new Map([...tables.values()].map((table) => [table.graphql, table.name] as const));
  for (const table of tables.values()) {
    const at = {
      subject: { table: table.name },
      place: { path: ['tables', table.name], part: 'key' },
    } as const;
    if (reservedNames.has(table.graphql))
      note({ ...at, name: table.graphql, what: say`Table ${table.name}`, other: undefined });
    for (const name of derivedNames(table)) {
      const other = declared.get(name);
      if (other !== undefined)
        note({ ...at, name, what: say`What is made of table ${table.name}`, other: { table: other } });
    }
    for (const edge of table.edges.values()) {
      if (edge.kind !== 'many' || edge.graphql === null) continue;
      const fields = [...table.columns.values(), ...table.edges.values(), ...table.computed.values()].filter(
        (one) => !('hidden' in one && one.hidden),
      );
      for (const name of [`${edge.graphql}_aggregate`, `${edge.graphql}_connection`])
        if (fields.some((one) => one.graphql === name))
          note({
            ...at,
            subject: { table: table.name, relationship: edge.name },
            name,
            what: say`What is made of relationship ${edge.name} of ${table.name}`,
            other: { table: table.name },
          });
    }
  }
}

/** Tables, and what is made of them, have their names first; then the functions in their order. */
function findInFunctions({ tables, functions }: Api, note: (clash: Clash) => void): void {
  const taken = new Map<string, NonNullable<Clash['other']>>();
  for (const table of tables.values())
    for (const name of derivedNames(table)) taken.set(name, { table: table.name });
  for (const table of tables.values()) taken.set(table.graphql, { table: table.name });
  for (const callable of functions.values()) {
    const form = functionForm(callable);
    if (form.kind !== 'field') continue;
    const other = taken.get(form.name);
    if (other === undefined) taken.set(form.name, { function: callable.name });
    else
      note({
        subject: { function: callable.name },
        name: form.name,
        what: say`Function ${callable.name}`,
        other,
        place: { path: ['functions', callable.name], part: 'key' },
      });
  }
}
