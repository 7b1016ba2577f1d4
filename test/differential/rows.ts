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

/** Rows that no request here can show, and the test that does. */
export const elsewhere: Readonly<Record<string, string>> = {
  'an answer of more than 64 MB': 'engine/query/oracles.test.ts',
  'the description of the API': 'engine/revision/descriptions.test.ts',
  '`Prefer: count=planned` or `estimated` by a role with a row filter': 'engine/query/permissions.test.ts',
  'media types by domains, `application/vnd.pgrst.plan`': 'engine/rest/rest.test.ts',
};
