/**
 * `node bench/plan.ts`: how long `novastack plan` takes for a commit that changes a few of many tables.
 *
 * Ten columns, a foreign key and five roles a table; the head renames a column, opens one to everybody, adds a table and a migration.
 * With the lock committed, and without (the schema then comes from the migrations, run in the embedded database). Each run is a
 * process of its own, as in CI. Options: `--tables 10,100,1000`, `--runs 5`.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const cli = join(import.meta.dirname, '../engine/cli/main.ts');
const roles = ['visitor', 'customer', 'clerk', 'editor', 'owner'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { tables: { type: 'string', default: '10,100,1000' }, runs: { type: 'string', default: '5' } },
  });
  for (const count of values.tables.split(',').map(Number)) {
    const dir = await mkdtemp(join(tmpdir(), 'bench-plan-'));
    try {
      const [base, head] = [join(dir, 'base'), join(dir, 'head')];
      await write(base, filesOf(count, false));
      await write(head, filesOf(count, true));
      await report(`${count} tables, without a lock`, Number(values.runs), base, head);
      for (const folder of [base, head])
        await run(process.execPath, [cli, 'lock', folder], { env: process.env });
      await report(`${count} tables, with the lock`, Number(values.runs), base, head);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
}

async function report(title: string, runs: number, base: string, head: string): Promise<void> {
  const times: number[] = [];
  let said = '';
  for (let number = 0; number <= runs; number += 1) {
    const from = performance.now();
    const args = [cli, 'plan', head, '--base', base, '--fail-on', 'never', '--format', 'json'];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1e9 });
    said = stdout;
    if (number > 0) times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const seconds = (ms: number) => (ms / 1_000).toFixed(2);
  const middle = times[Math.floor(times.length / 2)]!;
  const { counts } = JSON.parse(said) as { counts: Record<string, number> };
  console.log(
    `${title}: ${seconds(times[0]!)} – ${seconds(middle)} – ${seconds(times.at(-1)!)} s (least – median – most of ${runs})`,
  );
  console.log(
    `  ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
}

async function write(dir: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
}

function filesOf(count: number, isHead: boolean): ReadonlyMap<string, string> {
  const numbers = Array.from({ length: isHead ? count + 1 : count }, (_, index) => index);
  const first = numbers.slice(0, count).map(tableSql).join('\n');
  const files = new Map([
    ['novastack.yaml', projectFile],
    ['migrations/0001_tables.sql', first],
    ...numbers.map((number): [string, string] => [`tables/t_${number}.yaml`, tableYaml(number, isHead)]),
  ]);
  if (isHead)
    files.set('migrations/0002_more.sql', `${tableSql(count)}\nalter table t_1 add column more text;\n`);
  return files;
}

const projectFile = `novastack: 1
project: bench
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles:
${roles.map((role, index) => `  ${role}: ${index === 0 ? '{}' : `{ inherits: [${roles[index - 1]}] }`}`).join('\n')}
`;

function tableSql(number: number): string {
  const parent = number === 0 ? '' : `,\n  parent_id int references t_${number - 1}`;
  const columns = Array.from({ length: 7 }, (_, index) => `  c_${index} text`).join(',\n');
  return `create table t_${number} (\n  id int primary key,\n  owner text not null,\n${columns}${parent}\n);`;
}

function tableYaml(number: number, isHead: boolean): string {
  const columns = isHead && number === 0 ? 'id, c_0, c_1, c_5' : 'id, c_0, c_1';
  const names = isHead && number === 2 ? '    columns: { c_1: { name: first } }\n' : '';
  return `tables:
  t_${number}:
${names}    permissions:
      visitor: { select: { columns: [${columns}], where: { c_0: open } } }
      customer:
        select: { columns: "*", where: { owner: $jwt.sub } }
        insert: { columns: [id, c_0, c_1], set: { owner: $jwt.sub } }
        update: { columns: [c_0, c_1], where: { owner: $jwt.sub } }
      editor: { select: true, update: true }
      owner: { select: true, insert: true, update: true, delete: true }
`;
}

await main();
