import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { checksumOf, readMigrations, readSeeds } from './migrations.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'novastack-migrations-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function put(files: Record<string, string | Buffer>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
    await writeFile(path.join(dir, file), text);
  }
}

/** `code file:line:column message (hint)`. */
async function findings(folder = 'm'): Promise<readonly string[]> {
  const { value, diagnostics } = await readMigrations(dir, folder);
  assert.equal(value, undefined);
  return diagnostics.map(({ code, source, message, hint }) => {
    const at = source && `${source.file}:${source.span.start.line}:${source.span.start.column}`;
    return [code, at, message, hint].filter((part) => part !== undefined).join(' | ');
  });
}

describe('migrations', () => {
  it('are read in the order of their numbers, whatever else lies there', async () => {
    await put({
      'db/m/10000_last.sql': 'SELECT 3',
      'db/m/0002_two things.sql': '-- novastack:no-transaction\n-- why\nSELECT 2',
      'db/m/0001_first.sql': '\ufeffSELECT 1;\r\n',
      'db/m/README.md': 'x',
      'db/m/_draft.sql': 'x',
      'db/m/.0003_hidden.sql': 'x',
      'db/m/more/0009_deeper.sql': 'x',
    });
    const { value, diagnostics } = await readMigrations(dir, './db/m/');
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      value?.map(({ checksum, ...migration }) => {
        assert.match(checksum, /^[0-9a-f]{64}$/);
        return migration;
      }),
      [
        { number: '0001', name: 'first', file: 'db/m/0001_first.sql', sql: 'SELECT 1;\n', transaction: true },
        {
          number: '0002',
          name: 'two things',
          file: 'db/m/0002_two things.sql',
          sql: '-- novastack:no-transaction\n-- why\nSELECT 2',
          transaction: false,
        },
        { number: '10000', name: 'last', file: 'db/m/10000_last.sql', sql: 'SELECT 3', transaction: true },
      ],
    );
  });

  it('have the same checksum with other line ends, and another one for another text', async () => {
    const sum = async (text: string) => {
      await put({ 'm/0001_a.sql': text });
      return checksumOf((await readMigrations(dir, 'm')).value!);
    };
    const first = await sum('SELECT 1;\nSELECT 2;\n');
    assert.equal(await sum('SELECT 1;\r\nSELECT 2;\r\n'), first);
    assert.notEqual(await sum('SELECT 1;\nSELECT 3;\n'), first);
  });

  it('that are named wrongly, numbered twice or no text are all reported', async () => {
    await put({
      'm/create.sql': '',
      'm/001_short.sql': '',
      'm/0002_.sql': '',
      'm/0003_a.sql': '',
      'm/00003_b.sql': '',
      'm/0004_latin.sql': Buffer.from([0x53, 0xe9]),
      'm/0005_nul.sql': 'SELECT \0',
      'm/0006_word.sql': '\n--  novastack:fast\nSELECT 1',
    });
    await symlink('/etc/passwd', path.join(dir, 'm/0007_link.sql'));
    await mkdir(path.join(dir, 'm/0008_folder.sql'));
    const name = 'name it NNNN_name.sql, such as 0001_create_books.sql';
    assert.deepEqual(
      await findings(),
      [
        'MIGRATION_NUMBER_TWICE | m/0003_a.sql:1:1 | Two migrations have the number 0003. | give the one that is not applied anywhere yet the next number',
        `MIGRATION_NAME | m/0002_.sql:1:1 | "0002_.sql" is not named as a migration is. | ${name}`,
        'SCRIPT_ENCODING | m/0004_latin.sql:1:1 | "0004_latin.sql" is not valid UTF-8 text. | save it as UTF-8',
        'SCRIPT_ENCODING | m/0005_nul.sql:1:1 | "0005_nul.sql" is not valid UTF-8 text. | save it as UTF-8',
        'SCRIPT_DIRECTIVE | m/0006_word.sql:2:5 | "novastack:fast" is not known. | the only one is "-- novastack:no-transaction"',
        'SCRIPT_NOT_A_FILE | m/0007_link.sql:1:1 | "0007_link.sql" is not a plain file. | put the SQL itself there',
        'SCRIPT_NOT_A_FILE | m/0008_folder.sql:1:1 | "0008_folder.sql" is not a plain file. | put the SQL itself there',
        `MIGRATION_NAME | m/001_short.sql:1:1 | "001_short.sql" is not named as a migration is. | ${name}`,
        `MIGRATION_NAME | m/create.sql:1:1 | "create.sql" is not named as a migration is. | ${name}`,
      ].toSorted((a, b) => (a.split(' | ')[1]! < b.split(' | ')[1]! ? -1 : 1)),
    );
  });

  it('need their folder, inside the project', async () => {
    assert.deepEqual(await findings('absent'), [
      'SCRIPTS_FOLDER | The folder "absent" does not exist or cannot be read. | make it, or remove the key that names it',
    ]);
    assert.deepEqual(await findings('a/../../m'), [
      'SCRIPTS_FOLDER | The folder "a/../../m" lies outside the project.',
    ]);
    assert.deepEqual(await findings('/etc'), [
      'SCRIPTS_FOLDER | The folder "/etc" lies outside the project.',
    ]);
  });
});

describe('seeds', () => {
  it('are read in the order of their names', async () => {
    await put({ 's/b.sql': '2', 's/a é.sql': '1', 's/B.sql': '0', 's/x.txt': '' });
    const { value } = await readSeeds(dir, 's');
    assert.deepEqual(
      value?.map(({ name, file, sql }) => [name, file, sql]),
      [
        ['B', 's/B.sql', '0'],
        ['a é', 's/a é.sql', '1'],
        ['b', 's/b.sql', '2'],
      ],
    );
  });
});
