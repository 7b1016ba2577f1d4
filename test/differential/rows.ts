/** The rows of docs/differences.md: what is claimed there, and which test shows what the cases here cannot. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../docs/differences.md');

/** The cells of the rows of a section. */
export async function rowsOf(section: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(page, 'utf8');
  const from = text.indexOf(`\n## ${section}\n`);
  const to = text.indexOf('\n## ', from + 1);
  const lines = text.slice(from, to < 0 ? undefined : to).split('\n');
  const rows = lines.filter((line) => line.startsWith('| ')).map((line) => line.slice(2).split(' | '));
  return rows.filter(([first]) => first !== 'situation');
}

/** The situations of the section on REST. */
export async function restRows(): Promise<readonly string[]> {
  return (await rowsOf('REST')).map(([first]) => first!);
}

/** Rows that no request here can show, and the test that does. */
export const elsewhere: Readonly<Record<string, string>> = {
  'an answer of more than 64 MB': 'engine/query/oracles.test.ts',
  'the description of the API': 'engine/revision/descriptions.test.ts',
  '`Prefer: count=planned` or `estimated` by a role with a row filter': 'engine/query/permissions.test.ts',
  'media types by domains, `application/vnd.pgrst.plan`': 'engine/rest/rest.test.ts',
};
