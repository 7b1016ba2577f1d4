/** The rows of docs/differences.md: what is claimed there, and which test shows what the cases here cannot. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../docs/differences.md');

/** The situations of the section on REST: the beginnings of its rows. */
export async function restRows(): Promise<readonly string[]> {
  const text = await readFile(page, 'utf8');
  const from = text.indexOf('\n## REST\n');
  const section = text.slice(from, text.indexOf('\n## ', from + 1));
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((row) => row.slice(2, row.indexOf(' | '))).filter((first) => first !== 'situation');
}

/** Rows that one role, who may do everything, on one schema cannot show, and the test that does. */
export const elsewhere: Readonly<Record<string, string>> = {
  'a table without any grant for the role': 'engine/rest/permissions.test.ts',
  'a column that is hidden or not granted': 'engine/rest/permissions.test.ts',
  'rows that may be written and not read': 'engine/rest/permissions.test.ts',
  'an upsert on a view or a partitioned table': 'engine/rest/permissions.test.ts',
  'a write that the role may not do, with a body that cannot be read': 'engine/rest/permissions.test.ts',
  'more than 1,000 conditions, 100 embedded relationships or 1,664 fields of one level':
    'engine/rest/hostile.test.ts',
  'an answer of more than 64 MB': 'engine/rest/hostile.test.ts',
  'the description of the API': 'engine/revision/request.test.ts',
};
