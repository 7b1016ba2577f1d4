/** What the text of a view tells: which of its columns can be written, and whether its rows depend on who asks. Pure. */
import { relationKey } from '../../catalog/catalog.ts';
import type { Row } from './catalog-rows.ts';

export interface View {
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly deletable: boolean;
  readonly asksSession: boolean;
  /** Whether a write may set the column; of a view that takes none nothing is said. */
  writable(column: string): boolean;
  /** The column of a table that it is, as it is; undefined: it is computed on the way. */
  source(column: string): Source | undefined;
}

export interface Source {
  /** `relationKey` of the table. */
  readonly table: string;
  readonly column: string;
}

export interface Below {
  /** A view takes rows although some of its columns are computed, or one that it has twice. */
  readonly insertsIntoAny: boolean;
  /** Whether a table keeps what is written to it when that is undone. */
  isLasting(table: string): boolean;
  /** Whether a table's column is generated. */
  generated(source: Source): boolean;
}

/** @param rows schema, name, definition, whether it is updatable */
export function viewsOf(rows: readonly Row[], below: Below): ReadonlyMap<string, View> {
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
    const tables = of.definition.tables.map(({ schema, name }) => relationKey(schema, name));
    // The database refuses views that go round.
    const view = build(
      of.definition,
      of.updatable,
      tables.map((table) => [table, viewOf(table)] as const),
      below,
    );
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
  { columns, callsFunctions, known }: Definition,
  updatable: boolean,
  tables: readonly (readonly [key: string, view: View | undefined])[],
  below: Below,
): View {
  const [[table, view] = []] = tables;
  const isKept = table !== undefined && below.isLasting(table);
  const one = updatable && tables.length <= 1 && view?.updatable !== false && !isKept;
  const source = (name: string): Source | undefined => {
    const column = columns.get(name);
    if (column === undefined || table === undefined || tables.length > 1) return undefined;
    return view === undefined ? { table, column } : view.source(column);
  };
  const sources = [...columns.keys()].map(source);
  const isPlain = (): boolean =>
    sources.every((of) => of !== undefined) &&
    new Set(sources.map((of) => of?.column)).size === sources.length;
  return {
    insertable: one && (below.insertsIntoAny || isPlain()),
    updatable: one,
    deletable: one,
    asksSession: callsFunctions || !known || tables.some(([, of]) => of?.asksSession === true),
    writable: (name) => {
      const of = source(name);
      return !known || !one || (of !== undefined && !below.generated(of));
    },
    source,
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
