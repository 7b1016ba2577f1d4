/** What the text of a view tells: which of its columns can be written, and whether its rows depend on who asks. Pure. */
import { relationKey } from '../../catalog/catalog.ts';
import type { Row } from './catalog-rows.ts';

export interface View {
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly deletable: boolean;
  readonly asksSession: boolean;
  /** Whether an update may set the column; of a view that takes none nothing is said. */
  writable(column: string): boolean;
  /** Columns that are JSON further below, where the type does not say so. */
  readonly json: ReadonlySet<string>;
}

/**
 * @param rows schema, name, definition, whether it is updatable
 * @param json of tables: names of the columns that are JSON, by relation key
 */
export function viewsOf(
  rows: readonly Row[],
  json: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, View> {
  const parsed = new Map(
    rows.map(([schema, name, text, updatable]) => [
      relationKey(schema!, name!),
      { definition: parseView(text ?? ''), updatable: updatable === 'YES' },
    ]),
  );
  const views = new Map<string, View>();
  const viewOf = (key: string): View | undefined => {
    const known = views.get(key);
    const of = parsed.get(key);
    if (known !== undefined || of === undefined) return known;
    const { tables } = of.definition;
    // The database refuses views that go round.
    const below = tables.map(({ schema, name }) => viewOf(relationKey(schema, name)));
    const view = build(of.definition, of.updatable, below, json);
    views.set(key, view);
    return view;
  };
  for (const key of parsed.keys()) viewOf(key);
  return views;
}

/**
 * As on PostgreSQL a view is written through where it is over one relation. A join would take one of its relations at a
 * time, which no caller can know.
 */
function build(
  definition: Definition,
  updatable: boolean,
  below: readonly (View | undefined)[],
  json: ReadonlyMap<string, ReadonlySet<string>>,
): View {
  const { tables, columns, callsFunctions, known } = definition;
  const one = updatable && tables.length <= 1 && below[0]?.updatable !== false;
  const writable = (name: string) => {
    if (!known || !one) return true;
    const column = columns.get(name);
    return column !== undefined && (below[0]?.writable(column) ?? true);
  };
  const sources = [...columns.values()];
  const plain = sources.every((column) => column !== undefined) && new Set(sources).size === sources.length;
  const table = tables[0];
  const jsonBelow = below[0]?.json ?? (table && json.get(relationKey(table.schema, table.name)));
  return {
    insertable: one && plain && below[0]?.insertable !== false,
    updatable: one,
    deletable: one,
    asksSession: callsFunctions || !known || below.some((view) => view?.asksSession === true),
    writable,
    json: new Set(
      [...columns].filter(([, of]) => of !== undefined && jsonBelow?.has(of)).map(([name]) => name),
    ),
  };
}

interface Definition {
  /** Without the right to see it (SHOW VIEW) it is empty. */
  readonly known: boolean;
  /** What stands in a FROM, at any depth. */
  readonly tables: readonly { readonly schema: string; readonly name: string }[];
  /** By name, what a column is taken from as it is; undefined: it is computed. */
  readonly columns: ReadonlyMap<string, string | undefined>;
  /** Functions of users: of those nobody can tell what they read. */
  readonly callsFunctions: boolean;
}

interface Token {
  /** `name`: in backquotes. Strings and numbers are `other`. */
  readonly kind: 'name' | 'word' | 'other';
  readonly text: string;
}

const token = /`((?:[^`]|``)*)`|('(?:[^'\\]|''|\\.)*')|([a-z_]+)|([^\s])/gis;

function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(token)].map(([, name, string, word, other]): Token => {
    if (name !== undefined) return { kind: 'name', text: name.replaceAll('``', '`') };
    if (word !== undefined) return { kind: 'word', text: word.toLowerCase() };
    return { kind: 'other', text: string ?? other! };
  });
}

/** The server's own form: every name in backquotes, every table with its database, commas of a FROM as joins. */
function parseView(text: string): Definition {
  const tokens = tokensOf(text);
  return {
    known: tokens.length > 0,
    tables: tablesIn(tokens),
    columns: columnsIn(tokens),
    callsFunctions: tokens.some(({ kind }, at) => kind === 'name' && is(tokens[at + 1], '(')),
  };
}

function is(one: Token | undefined, text: string): boolean {
  return one !== undefined && one.kind !== 'name' && one.text === text;
}

/** `EXTRACT(year FROM …)` has the word too: what it names is no table that anybody knows. */
function tablesIn(tokens: readonly Token[]): Definition['tables'] {
  const tables: { schema: string; name: string }[] = [];
  for (const [start, word] of tokens.entries()) {
    if (!['from', 'join', 'straight_join'].some((text) => is(word, text))) continue;
    let at = start + 1;
    while (is(tokens[at], '(')) at += 1;
    const [schema, dot, name] = tokens.slice(at, at + 3);
    if (schema?.kind === 'name' && is(dot, '.') && name?.kind === 'name')
      tables.push({ schema: schema.text, name: name.text });
  }
  return tables;
}

/** Of the first SELECT: each ends in `AS` and its name. */
function columnsIn(tokens: readonly Token[]): Definition['columns'] {
  const columns = new Map<string, string | undefined>();
  let depth = 0;
  let item: Token[] = [];
  for (const one of tokens.slice(tokens.findIndex((first) => is(first, 'select')) + 1)) {
    if (is(one, '(')) depth += 1;
    if (is(one, ')')) depth -= 1;
    const ends = depth === 0 && (is(one, ',') || is(one, 'from'));
    if (!ends) {
      item.push(one);
      continue;
    }
    const name = item.at(-1);
    if (name?.kind === 'name' && is(item.at(-2), 'as')) columns.set(name.text, sourceOf(item.slice(0, -2)));
    if (is(one, 'from')) break;
    item = [];
  }
  return columns;
}

/** `` `t`.`a` ``, with or without its database. */
function sourceOf(expression: readonly Token[]): string | undefined {
  const plain = expression.every((one, at) => (at % 2 === 0 ? one.kind === 'name' : is(one, '.')));
  return plain && expression.length % 2 === 1 ? expression.at(-1)!.text : undefined;
}

/** Databases that a view's tables may be in. */
export function schemasNamedIn(text: string): ReadonlySet<string> {
  return new Set(tablesIn(tokensOf(text)).map(({ schema }) => schema));
}
