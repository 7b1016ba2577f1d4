/** `tables.<table>.relationships`: links that the author names, changes or removes. */
import Type, { type Static } from 'typebox';
import type { Draft } from '../draft.ts';
import { didYouMean } from '../nearest.ts';
import type { Path } from '../predicate.ts';
import type { FarEnd, RelationshipConfig } from '../project.ts';
import { either, list, object, optional, prose, text } from '../shape.ts';

const OneOrMore = either(
  [text('Name of a column.'), list(text('Name of a column.'), undefined, { minItems: 1 })],
  'A column, or several.',
);

const far = 'Name under `tables`, or <table>.<column>.';

const ways = ['column', 'columns', 'from', 'through'] as const;

/** A relationship of one kind, with no key of another. */
function only(way: (typeof ways)[number], further: readonly string[]) {
  const others = [...ways, 'to'].filter((key) => key !== way && !further.includes(key));
  return { required: [way, ...further], not: { anyOf: others.map((key) => ({ required: [key] })) } };
}

const Declared = object(
  {
    column: optional(text('Column of this table that leads to the other (to one).')),
    columns: optional(
      list(text('Name of a column.'), 'Columns of this table that lead to the other (to one).', {
        minItems: 1,
      }),
    ),
    to: optional(
      either(
        [text(far), object({ table: text('Name under `tables`.'), columns: optional(OneOrMore) })],
        'The table that it leads to.',
      ),
    ),
    from: optional(
      either(
        [
          text('<table>.<column> of the other table that leads here (to many).'),
          object({ table: text('Name under `tables`.'), columns: OneOrMore }),
        ],
        'The other table whose columns lead here (to many).',
      ),
    ),
    through: optional(
      either(
        [
          text('Name under `tables` of the junction.'),
          object({
            table: text('Name under `tables` of the junction.'),
            from: optional(OneOrMore),
            to: optional(OneOrMore),
          }),
        ],
        'The junction (many to many).',
      ),
    ),
    description: optional(prose('What the link means.')),
  },
  undefined,
  {
    oneOf: [only('column', ['to']), only('columns', ['to']), only('through', ['to']), only('from', [])],
  },
);

export const Relationship = either(
  [Type.Literal(false, { description: 'Do not expose this foreign key.' }), Declared],
  'A link to other rows, or false to leave a derived one out.',
);

/** @param path `['tables', table, 'relationships', name]` */
export function readRelationship(draft: Draft, path: Path): RelationshipConfig | undefined {
  const raw = draft.read(path, Relationship);
  if (raw === undefined || raw === false) return raw;
  const [way, other] = ways.filter((key) => raw[key] !== undefined);
  if (way === undefined) {
    draft.error(
      'MISSING_KEY',
      path,
      `The relationship "${path.at(-1)}" does not say how the tables are linked.`,
      {
        hint: 'add column: and to: (to one), from: (to many), or through: and to: (many to many)',
        part: 'key',
      },
    );
    return undefined;
  }
  if (other !== undefined) {
    draft.error('EXCLUSIVE_KEYS', [...path, other], `The relationship has both "${way}" and "${other}".`, {
      hint: 'keep one: column or columns (to one), from (to many), through (many to many)',
      part: 'key',
    });
    return undefined;
  }
  switch (way) {
    case 'column':
      return toOne(draft, path, [raw.column!], raw);
    case 'columns':
      return toOne(draft, path, raw.columns!, raw);
    case 'from':
      return toMany(draft, path, raw);
    case 'through':
      return throughJunction(draft, path, raw);
    default:
      return way satisfies never;
  }
}

type Raw = Static<typeof Declared>;

function toOne(
  draft: Draft,
  path: Path,
  columns: readonly string[],
  raw: Raw,
): RelationshipConfig | undefined {
  const to = raw.to === undefined ? missingTo(draft, path) : farEnd(draft, [...path, 'to'], raw.to);
  if (!to) return undefined;
  if (to.columns && to.columns.length !== columns.length) {
    draft.error(
      'WRONG_VALUE',
      [...path, 'to'],
      `The relationship links ${columns.length} columns to ${to.columns.length}.`,
      {
        hint: 'name as many columns on both sides, in the same order',
      },
    );
    return undefined;
  }
  return { kind: 'one', columns, to, description: raw.description };
}

function toMany(draft: Draft, path: Path, raw: Raw): RelationshipConfig | undefined {
  if (raw.to !== undefined) {
    draft.error('EXCLUSIVE_KEYS', [...path, 'to'], 'The relationship has both "from" and "to".', {
      hint: 'remove "to": the other end of "from" is this table',
      part: 'key',
    });
    return undefined;
  }
  const from = farEnd(draft, [...path, 'from'], raw.from!);
  if (!from) return undefined;
  if (from.columns === undefined) {
    draft.error(
      'MISSING_KEY',
      [...path, 'from'],
      `"from" names the table "${from.table}" but no column of it.`,
      {
        hint: `write ${from.table}.<column>`,
      },
    );
    return undefined;
  }
  return { kind: 'many', from: { table: from.table, columns: from.columns }, description: raw.description };
}

function throughJunction(draft: Draft, path: Path, raw: Raw): RelationshipConfig | undefined {
  const junction = typeof raw.through === 'string' ? { table: raw.through } : raw.through!;
  const known = checkTable(
    draft,
    typeof raw.through === 'string' ? [...path, 'through'] : [...path, 'through', 'table'],
    junction.table,
  );
  const to = raw.to === undefined ? missingTo(draft, path) : farEnd(draft, [...path, 'to'], raw.to);
  if (!to || !known) return undefined;
  if (to.columns !== undefined) {
    draft.error(
      'WRONG_VALUE',
      [...path, 'to'],
      '"to" of a relationship through a junction is a table, without columns.',
      {
        hint: `write to: ${to.table}, and the columns of the junction in through: { table, from, to }`,
      },
    );
    return undefined;
  }
  return {
    kind: 'through',
    through: { table: junction.table, from: several(junction.from), to: several(junction.to) },
    to: to.table,
    description: raw.description,
  };
}

function missingTo(draft: Draft, path: Path): undefined {
  draft.error('MISSING_KEY', path, `The relationship "${path.at(-1)}" needs a "to".`, {
    hint: 'add to: <table>, or to: <table>.<column>',
    part: 'key',
  });
}

/** Names of tables may have dots of their own, so the longest declared table before a dot is the table. */
function farEnd(
  draft: Draft,
  path: Path,
  raw: string | { table: string; columns?: string | string[] },
): FarEnd | undefined {
  if (typeof raw !== 'string') {
    if (!checkTable(draft, [...path, 'table'], raw.table)) return undefined;
    return { table: raw.table, columns: several(raw.columns) };
  }
  const tables = draft.declared('tables');
  if (tables.has(raw)) return { table: raw, columns: undefined };
  for (let dot = raw.lastIndexOf('.'); dot > 0; dot = raw.lastIndexOf('.', dot - 1)) {
    const table = raw.slice(0, dot);
    if (tables.has(table)) return { table, columns: [raw.slice(dot + 1)] };
  }
  const dot = raw.lastIndexOf('.');
  const table = dot > 0 ? raw.slice(0, dot) : raw;
  if (!checkTable(draft, path, table)) return undefined;
  return { table, columns: dot > 0 ? [raw.slice(dot + 1)] : undefined };
}

function checkTable(draft: Draft, path: Path, table: string): boolean {
  const tables = draft.declared('tables');
  if (tables.has(table) || !draft.complete) return true;
  draft.error('UNKNOWN_TABLE', path, `There is no table "${table}" under tables:.`, {
    hint: didYouMean(table, tables) ?? 'list it under tables: first',
  });
  return false;
}

function several(columns: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof columns === 'string' ? [columns] : columns;
}
