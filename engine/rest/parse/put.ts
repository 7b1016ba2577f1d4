/** PUT: one whole row under its key, inserted or replaced. */
import type { Column } from '../../api/api.ts';
import { Problem } from '../../problem/problem.ts';
import type { ReadRequest } from '../../query/request.ts';
import { isSameValue } from '../../query/same-value.ts';
import { type Row, readRow } from '../body.ts';
import { admitWrite, common, type Draft, insertOf, type ParsedWrite } from './draft.ts';
import { knownKey } from './key.ts';
import { rowsType } from './media.ts';

/**
 * Parses a PUT, whose URL names the key of the one row in its body. Pure.
 *
 * @throws {Problem} PGRST105 (405) filters are not the key, NS400 (400) parts of the key in the path are missing or too
 *   many, PGRST114 (400) a page, PGRST115 (400) body and URL differ
 */
export function parsePut(draft: Draft): ParsedWrite {
  if (draft.root.limit !== undefined || draft.root.offset !== undefined)
    throw new Problem('PGRST114', {
      message: 'limit/offset querystring parameters are not allowed for PUT',
      hint: 'Leave them out.',
    });
  const columns = knownKey(draft.call.table);
  const key = keyOf(draft, columns);
  const type = rowsType(draft.call.contentType);
  admitWrite('insert', draft);
  requireAllParts(draft, columns);
  const given = readRow(draft.call.body, {
    type,
    table: draft.call.table,
    // The whole row is put, whatever columns= says.
    missing: draft.preferences.missing,
  });
  const row = withKey(given.rows[0]!, key);
  const names = [...new Set([...given.columns, ...[...key.keys()].map(({ name }) => name)])];
  return {
    ...common(draft),
    // An upsert never finds nothing.
    byKey: false,
    kind: 'write',
    verb: 'put',
    precondition: preconditionOfPut(draft, key),
    request: { ...insertOf(draft, { columns: names, rows: [row] }), conflict: { action: 'merge' } },
  };
}

/** The row as it is under its key; none is no match. */
function preconditionOfPut(draft: Draft, key: ReadonlyMap<Column, string>): ReadRequest | undefined {
  if (draft.call.ifMatch === undefined) return undefined;
  const table = draft.call.table;
  const values = [...key.values()];
  return {
    kind: 'read',
    table: table.table.name,
    node: { fields: [{ kind: 'all' }] },
    key: table.table.key.map((column) => [...key.keys()].indexOf(column)),
    shape: 'row',
    count: false,
    locks: true,
    values,
  };
}

/** The key's columns with the texts of the URL. */
function keyOf(draft: Draft, columns: readonly Column[]): ReadonlyMap<Column, string> {
  const { filters } = draft.root;
  // What stands in parentheses is no key, even when it says the same.
  if (draft.query.some(({ key }) => /(?:^|\.)(?:and|or)$/.test(key))) throw notTheKey();
  if (draft.key !== undefined && filters.length === 0) {
    const { key, values } = draft;
    return new Map(columns.slice(0, key.length).map((column, at) => [column, values[key[at]!] as string]));
  }
  const texts = new Map<string, string>();
  for (const filter of filters) {
    if (filter.kind !== 'compare' || filter.operator !== 'eq' || texts.has(filter.column)) throw notTheKey();
    texts.set(filter.column, draft.values[filter.value!] as string);
  }
  const whole =
    columns.length > 0 && texts.size === columns.length && columns.every(({ name }) => texts.has(name));
  if (!whole || draft.key !== undefined) throw notTheKey();
  return new Map(columns.map((column) => [column, texts.get(column.name)!]));
}

/** As a read by key refuses it. A table without a key is refused by the planner. */
function requireAllParts({ call, key }: Draft, columns: readonly Column[]): void {
  if (key === undefined || columns.length === 0 || key.length === columns.length) return;
  throw new Problem('NS400', {
    message: `The key of '${call.table.table.rest}' has ${columns.length} ${columns.length === 1 ? 'part' : 'parts'}, and ${key.length} ${key.length === 1 ? 'was' : 'were'} given.`,
    hint: `Give ${columns.map((column) => column.name).join(',')} in this order, separated by commas.`,
  });
}

function notTheKey(): Problem {
  return new Problem('PGRST105', {
    message: "Filters must include all and only primary key columns with 'eq' operators",
    hint: 'PUT to /table/key, or filter by each column of the key with eq and by nothing else.',
  });
}

/** The row with the key's values where it lacks them, or writes them differently. */
function withKey(row: Row, key: ReadonlyMap<Column, string>): Row {
  const whole: Record<string, unknown> = Object.assign(Object.create(null), row);
  for (const [{ name, type }, text] of key) {
    if (Object.hasOwn(row, name) && !isSameValue(row[name], text, type))
      throw new Problem('PGRST115', {
        message: 'Payload values do not match URL in primary key column(s)',
        hint: `Send the same "${name}" in both, or leave it out of the body.`,
      });
    // A json column takes the body's own form: its text would become a JSON string.
    if (!Object.hasOwn(row, name) || type.family !== 'json') whole[name] = text;
  }
  return whole;
}
