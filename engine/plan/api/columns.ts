/** Columns and computed fields that go, come, or are called otherwise; what has become of one that stays is in its parts. Pure. */
import type { Column, Table } from '../../api/api.ts';
import { factsOf } from '../../catalog/fingerprint.ts';
import { typeText } from '../../catalog/type.ts';
import type { Place, Side } from '../change.ts';
import { type Sentence, say, strong } from '../sentence.ts';
import { compareTypesOfColumn } from './column-type.ts';
import { compareWritingOfColumn } from './column-write.ts';
import {
  atColumn,
  type Comparison,
  inYaml,
  orNobody,
  reads,
  rolesOf,
  unseenBy,
  viewers,
  writes,
} from './comparison.ts';
import { compareDescriptions, hintOfRemoval, isDeprecated } from './deprecation.ts';
import { tellRequired } from './required.ts';

/** One column that both sides have, as the parts look at it. */
export interface ColumnPair {
  readonly table: Table;
  readonly headTable: Table;
  readonly base: Column;
  readonly head: Column;
  /** `Column "isbn" of "books"`. */
  readonly title: Sentence;
  /** Roles that read it, and that write it. */
  readonly readers: readonly string[];
  readonly writers: readonly string[];
  /** Either, in their order. */
  readonly both: readonly string[];
  readonly place: Place;
}

export function compareColumns(comparison: Comparison): void {
  for (const [base, head] of comparison.tables.pairs) {
    const { pairs, gone, added } = comparison.columns.get(base)!;
    const isHidden = (column: Column | undefined) => column === undefined || column.hidden;
    for (const [before, after] of pairs) tellPersonal([before, after], [base, head], comparison);
    for (const column of gone) if (!column.hidden) tellRemoved(column, undefined, [base, head], comparison);
    for (const [before, after] of pairs)
      if (!before.hidden && after.hidden) tellRemoved(before, after, [base, head], comparison);
    const required = tellRequired(base, head, comparison);
    const shown = [...added, ...pairs.filter(([before]) => before.hidden).map(([, after]) => after)];
    for (const column of shown)
      if (!isHidden(column) && !required.has(column)) tellAdded(column, head, comparison);
    for (const [before, after] of pairs)
      if (!before.hidden && !after.hidden)
        compareColumn(pairOf(before, after, [base, head], comparison), comparison);
  }
}

type Tables = readonly [base: Table, head: Table];

function tellRemoved(
  column: Column,
  hidden: Column | undefined,
  [base, head]: Tables,
  comparison: Comparison,
): void {
  const isComputed = column.routine !== undefined;
  const what = isComputed ? 'Computed field' : 'Column';
  const instead = hidden === undefined && !isComputed ? probablyNow(column, base, comparison) : undefined;
  const place = atColumn(head, column.column);
  comparison.tell('column-removed', {
    subject: { table: base.name, column: column.name },
    roles: rolesOf(comparison, base, (known) => reads(known, column) || writes(known, column)),
    sentence: say`${[what]} ${column.name} of ${base.name} is ${strong(hidden === undefined ? 'removed' : 'hidden')}.`,
    hint: hintOfRemoval(column.description, instead),
    before: typeText(column.type),
    place: isComputed ? { path: ['functions'], part: 'key' } : hidden === undefined ? place : inYaml(place),
  });
}

/** A new column of the same type in the same place, where it is the only one that could be meant. */
function probablyNow(column: Column, base: Table, { columns, tableOf }: Comparison): string | undefined {
  const head = tableOf.get(base)!;
  const { gone, added } = columns.get(base)!;
  const isAlike = (one: Column) =>
    factsOf(one.type) === factsOf(column.type) && one.nullable === column.nullable;
  const alike = added.filter((one) => one.routine === undefined && !one.hidden && isAlike(one));
  const placed = alike.filter((one) => placeOf(one, head) === placeOf(column, base));
  const rivals = gone.filter((one) => one.routine === undefined && isAlike(one));
  const [now] = placed.length === 1 ? placed : alike.length === 1 && rivals.length === 1 ? alike : [];
  if (now === undefined) return undefined;
  return `keep the old name (columns: { ${now.column}: { name: ${column.name} } }) if the column is ${now.column} now`;
}

function placeOf(column: Column, table: Table): number {
  return [...table.columns.values()].indexOf(column);
}

/** What it holds is what it held: whoever gains it later is asked for no approval. */
function tellPersonal(
  [before, after]: readonly [Column, Column],
  [base, head]: Tables,
  comparison: Comparison,
): void {
  const isTagged = ({ project }: Side, { name }: Table, { column }: Column) =>
    project.tables.get(name)?.columns.get(column)?.personal === true;
  if (!isTagged(comparison.base, base, before) || isTagged(comparison.head, head, after)) return;
  comparison.tell('personal-tag-removed', {
    subject: { table: head.name, column: after.name },
    roles: 'nobody',
    sentence: say`Column ${after.name} of ${head.name} is ${strong('no longer personal')}: whoever gains it needs no approval.`,
    hint: 'keep the tag, unless the column holds something else now',
    place: inYaml(atColumn(head, after.column)),
  });
}

function tellAdded(column: Column, head: Table, comparison: Comparison): void {
  const isComputed = column.routine !== undefined;
  const what = isComputed ? 'Computed field' : 'Column';
  const roles = viewers(comparison, (world) => {
    const known = world.tables.get(head.name);
    return known !== undefined && (reads(known, column) || writes(known, column));
  });
  comparison.tell('column-added', {
    subject: { table: head.name, column: column.name },
    roles: orNobody(roles),
    sentence: say`${[what]} ${column.name} of ${head.name} is ${strong('new')}${unseenBy(roles)}.`,
    after: typeText(column.type),
    place: isComputed
      ? { path: ['functions', column.callable!], part: 'key' }
      : atColumn(head, column.column),
  });
}

function pairOf(base: Column, head: Column, [table, headTable]: Tables, comparison: Comparison): ColumnPair {
  const readers = rolesOf(comparison, table, (known) => reads(known, base));
  const writers = rolesOf(comparison, table, (known) => writes(known, base));
  const what = head.routine === undefined ? 'Column' : 'Computed field';
  return {
    table,
    headTable,
    base,
    head,
    title: say`${[what]} ${head.name} of ${headTable.name}`,
    readers,
    writers,
    both: comparison.roles.filter((role) => readers.includes(role) || writers.includes(role)),
    place:
      head.callable === undefined
        ? atColumn(headTable, head.column)
        : { path: ['functions', head.callable], part: 'key' },
  };
}

function compareColumn(pair: ColumnPair, comparison: Comparison): void {
  const { base, head, headTable, title, both, place } = pair;
  tellRenamed(pair, comparison);
  const isOther = tellNature(pair, comparison);
  if (!isOther) {
    tellSource(pair, comparison);
    compareWritingOfColumn(pair, comparison);
  }
  compareTypesOfColumn(pair, comparison);
  tellGraphqlName(pair, comparison);
  compareDescriptions(comparison, {
    subject: { table: headTable.name, column: head.name },
    title,
    roles: both,
    before: base.description,
    after: head.description,
    place,
  });
}

function tellRenamed({ base, head, table, both, place }: ColumnPair, { tell }: Comparison): void {
  if (base.name === head.name) return;
  const what = base.routine === undefined ? 'Column' : 'Computed field';
  tell('column-renamed', {
    subject: { table: table.name, column: base.name },
    roles: both,
    sentence: say`${[what]} ${base.name} of ${table.name} is ${strong('renamed')} to ${head.name}.`,
    hint: isDeprecated(base.description)
      ? 'it was deprecated: see that nobody asks for it any more'
      : 'keep the name',
    before: base.name,
    after: head.name,
    place: inYaml(place),
  });
}

/** @returns whether the two have little left to compare */
function tellNature(
  { base, head, headTable, title, both, place }: ColumnPair,
  { tell }: Comparison,
): boolean {
  if ((base.routine === undefined) === (head.routine === undefined)) return false;
  const isComputed = head.routine !== undefined;
  tell(isComputed ? 'column-became-computed' : 'column-became-stored', {
    subject: { table: headTable.name, column: head.name },
    roles: both,
    sentence: isComputed
      ? say`${title} ${strong('can no longer be written')}, and was a column.`
      : say`${title} is a column, and was a computed field.`,
    hint: isComputed ? 'ask for it by its name where all columns are asked for (select=*,…)' : undefined,
    place,
  });
  return true;
}

/** Where the old column is still there, the name is another's. */
function tellSource(
  { base, head, table, headTable, title, both, place }: ColumnPair,
  { tell }: Comparison,
): void {
  if (base.column === head.column || base.routine !== undefined) return;
  const isSame =
    table.relation.schema === headTable.relation.schema && table.relation.name === headTable.relation.name;
  if (!isSame || !headTable.relation.columns.has(base.column)) return;
  tell('column-source-changed', {
    subject: { table: headTable.name, column: head.name },
    roles: both,
    sentence: say`${title} stands for ${head.column} of the database, and stood for ${base.column}.`,
    hint: 'see that the two hold the same values: both are there',
    before: base.column,
    after: head.column,
    place: inYaml(place),
  });
}

function tellGraphqlName(
  { base, head, headTable, title, both, place }: ColumnPair,
  { tell }: Comparison,
): void {
  if ((base.graphql === null) === (head.graphql === null)) return;
  const isLost = head.graphql === null;
  tell(isLost ? 'graphql-name-lost' : 'graphql-name-gained', {
    subject: { table: headTable.name, column: head.name },
    roles: both,
    sentence: isLost
      ? say`${title} is ${strong('left out of GraphQL')}, where its name is another's.`
      : say`${title} is in GraphQL, and was left out.`,
    hint: isLost ? 'give one of the two another name' : undefined,
    place: inYaml(place),
  });
}
