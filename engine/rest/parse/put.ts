/** PUT: one whole row under its key, inserted or replaced. */
import { Problem } from '../../problem/problem.ts';
import { type Row, readRow } from '../body.ts';
import { common, type Draft, insertOf, type ParsedWrite } from './draft.ts';
import { checkContentType } from './media.ts';

/**
 * Parses a PUT, whose URL names the key of the one row in its body. Pure.
 *
 * @throws {Problem} PGRST105 (405) filters are not the key, PGRST114 (400) a page, PGRST115 (400) body and URL differ
 */
export function parsePut(draft: Draft): ParsedWrite {
  if (draft.root.limit !== undefined || draft.root.offset !== undefined)
    throw new Problem('PGRST114', {
      message: 'limit/offset querystring parameters are not allowed for PUT',
      hint: 'leave them out',
    });
  const key = keyOf(draft);
  checkContentType(draft.call.contentType);
  const given = readRow(draft.call.body, { columns: draft.columns, missing: draft.preferences.missing });
  const row = withKey(given.rows[0]!, key);
  const columns = [...new Set([...given.columns, ...key.keys()])];
  return {
    ...common(draft),
    // An upsert never finds nothing.
    byKey: false,
    kind: 'write',
    verb: 'put',
    request: { ...insertOf(draft, { columns, rows: [row] }), conflict: { action: 'merge' } },
  };
}

/** The key's columns with the texts of the URL. */
function keyOf(draft: Draft): ReadonlyMap<string, string> {
  const { key: columns } = draft.call.table.table;
  if (draft.key !== undefined && draft.root.filters.length === 0) {
    const { key, values } = draft;
    return new Map(columns.map((column, index) => [column.name, values[key[index]!] as string]));
  }
  const key = new Map<string, string>();
  for (const filter of draft.root.filters) {
    if (filter.kind !== 'compare' || filter.operator !== 'eq' || key.has(filter.column)) throw notTheKey();
    key.set(filter.column, draft.values[filter.value!] as string);
  }
  const whole =
    columns.length > 0 && key.size === columns.length && columns.every(({ name }) => key.has(name));
  if (!whole || draft.key !== undefined) throw notTheKey();
  return key;
}

function notTheKey(): Problem {
  return new Problem('PGRST105', {
    message: "Filters must include all and only primary key columns with 'eq' operators",
    hint: 'PUT to /table/key, or filter by each column of the key with eq and by nothing else',
  });
}

/** The row with the key's values where it lacks them. */
function withKey(row: Row, key: ReadonlyMap<string, string>): Row {
  const whole: Record<string, unknown> = Object.assign(Object.create(null), row);
  for (const [name, text] of key) {
    if (!Object.hasOwn(row, name)) whole[name] = text;
    else if (textOf(row[name]) !== text)
      throw new Problem('PGRST115', {
        message: 'Payload values do not match URL in primary key column(s)',
        hint: `send the same "${name}" in both, or leave it out of the body`,
      });
  }
  return whole;
}

function textOf(value: unknown): string {
  return JSON.isRawJSON(value) ? value.rawJSON : String(value);
}
