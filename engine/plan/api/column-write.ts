/** What a column takes from those who write it: null, nothing at all, or only what the database fills it with. Pure. */
import { isRequired } from '../../catalog/drift-column.ts';
import { factsOf } from '../../catalog/fingerprint.ts';
import { say, strong } from '../sentence.ts';
import type { ColumnPair } from './columns.ts';
import { type Comparison, orNobody, rolesOf, type Told, viewers, writes } from './comparison.ts';

export function compareWritingOfColumn(pair: ColumnPair, comparison: Comparison): void {
  const { base, head } = pair;
  const told = { subject: { table: pair.headTable.name, column: head.name }, place: pair.place };
  if (tellReadOnly(pair, told, comparison)) return;
  tellNotNull(pair, told, comparison);
  tellDefault(pair, told, comparison);
  tellCollation(pair, told, comparison);
  if ((base.searchable ?? false) !== (head.searchable ?? false)) tellSearch(pair, told, comparison);
}

type Place = Pick<Told, 'subject' | 'place'>;

/** @returns whether nothing of what a row must give matters any more */
function tellReadOnly(
  { base, head, title, writers, headTable }: ColumnPair,
  told: Place,
  comparison: Comparison,
): boolean {
  const [before, after] = [givenBy(base.source), givenBy(head.source)];
  if (after !== undefined) {
    if (before !== undefined) return true;
    comparison.tell('request-optional-property-became-read-only', {
      ...told,
      roles: writers,
      sentence: say`${title} is ${[after]}: it ${strong('takes no value')} any more.`,
      hint: 'let it be "by default", or take it out of what these roles write once no caller gives it',
    });
    return true;
  }
  if (before === undefined || isRequired(head.source)) return before !== undefined;
  comparison.tell('request-optional-property-became-not-read-only', {
    ...told,
    roles: orNobody(
      viewers(comparison, (world) => {
        const known = world.tables.get(headTable.name);
        return known !== undefined && writes(known, head);
      }),
    ),
    sentence: say`${title} takes values, and was ${[before]}.`,
  });
  return true;
}

function givenBy({ generated, identity }: ColumnPair['base']['source']): string | undefined {
  if (generated) return 'computed by the database';
  return identity === 'always' ? 'counted by the database' : undefined;
}

/** A column that must have a value besides is told of in required.ts, of the roles that insert. */
function tellNotNull(pair: ColumnPair, told: Place, comparison: Comparison): void {
  const { base, head, title, writers, table } = pair;
  if (!base.nullable || head.nullable) return;
  const inserters = rolesOf(comparison, table, ({ insert }) => insert !== undefined);
  const isTold = isRequired(head.source) && !isRequired(base.source);
  comparison.tell('request-property-became-not-nullable', {
    ...told,
    roles: isTold ? writers.filter((role) => !inserters.includes(role)) : writers,
    sentence: say`${title} ${strong('no longer takes null')}.`,
    hint: 'let it be null until no caller writes it',
  });
}

function tellDefault(pair: ColumnPair, told: Place, comparison: Comparison): void {
  const { base, head, title, table, headTable } = pair;
  const [before, after] = [fillingOf(base.source), fillingOf(head.source)];
  const change = {
    ...told,
    roles: omitters(pair, comparison),
    before: before ?? 'none',
    after: after ?? 'none',
  };
  if (!table.relation.insertable || isRequired(head.source)) return;
  if (isRequired(base.source)) {
    const sentence = say`A new row of ${headTable.name} may leave column ${head.name} out.`;
    comparison.tell('request-property-became-optional', { ...change, before: 'required', sentence });
    return;
  }
  // A default is printed with its type, so with another type it reads otherwise.
  const isOther = factsOf(base.source.type) !== factsOf(head.source.type);
  if (before === after || (isOther && before !== undefined && after !== undefined)) return;
  if (before === undefined)
    comparison.tell('request-property-default-value-added', {
      ...change,
      sentence: say`${title} has the ${strong('default')} ${after!} where it was null when it was left out.`,
    });
  else if (after === undefined)
    comparison.tell('request-property-default-value-removed', {
      ...change,
      sentence: say`${title} has ${strong('no default')} any more: it is null when it is left out, and was ${before}.`,
    });
  else
    comparison.tell('request-property-default-value-changed', {
      ...change,
      sentence: say`${title} has the ${strong('default')} ${after}, and had ${before}.`,
    });
}

/** One counter is like another. */
function fillingOf({ default: text, identity }: ColumnPair['base']['source']): string | undefined {
  if (identity !== null || (text !== null && /^nextval\(/i.test(text))) return 'the next number';
  return text ?? undefined;
}

/** Who inserts, unless the engine fills the column for them. */
function omitters({ base, table }: ColumnPair, comparison: Comparison): readonly string[] {
  return rolesOf(comparison, table, ({ insert }) => insert !== undefined && !insert.set.has(base));
}

function tellCollation({ base, head, title, readers }: ColumnPair, told: Place, { tell }: Comparison): void {
  const isOther = base.source.collation !== head.source.collation && base.type.family === head.type.family;
  const isLoose = (base.source.nondeterministic ?? false) !== (head.source.nondeterministic ?? false);
  if (!isOther && !isLoose) return;
  tell('column-collation-changed', {
    ...told,
    roles: readers,
    sentence: say`${title} has ${strong('another collation')}: other texts are equal, and rows are ordered otherwise.`,
    before: base.source.collation,
    after: head.source.collation,
  });
}

function tellSearch({ head, title, readers }: ColumnPair, told: Place, { tell }: Comparison): void {
  if (head.searchable === true)
    tell('column-search-added', { ...told, roles: readers, sentence: say`${title} can be searched.` });
  else
    tell('column-search-removed', {
      ...told,
      roles: readers,
      sentence: say`${title} ${strong('can no longer be searched')}: its full-text index is gone.`,
      hint: 'keep a full-text index over this column alone',
    });
}
