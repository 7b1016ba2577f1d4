/** A project in which whatever only its staff may see carries a canary, and whose names are as hostile as names can be. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const script = '</title><script>alert(1)</script>';
export const markup = `<img src=x onerror=alert(2)> **bold** {1+1} | [a](javascript:alert(3)) 🦊`;
export const hostile = `na"me ${script}`;
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What staff sees and nobody else does: each is in the pages of staff, and in no other file. */
export const staffs: readonly string[] = [
  'table', 'table_comment', 'column', 'column_comment', 'label', 'default', 'policy', 'insert_policy', 'claim', 'function',
  'function_comment', 'argument', 'relationship', 'relationship_comment', 'page_title', 'page_text', 'page_file', 'role_comment',
].map((word) => `canary_${word}`); // biome-ignore format: a list
/** What is in no page at all. */
export const nobodys: readonly string[] = [
  'hidden', 'hidden_value', 'issuer', 'audience', 'jwks', 'unused', 'text_file', 'linked', 'comment_of_a_page', 'sequence', 'record',
].map((word) => `canary_${word}`); // biome-ignore format: a list

const files: Readonly<Record<string, string>> = {
  'novastack.yaml': JSON.stringify({
    novastack: 1,
    project: 'salted',
    title: `Salt ${script}`,
    description: markup,
    databases: { main: { engine: 'embedded', migrations: 'migrations' } },
    auth: {
      anonymous: 'visitor',
      jwt: [
        {
          issuer: 'https://canary_issuer.example/',
          audience: 'canary_audience',
          jwks: 'https://canary_jwks.example/',
        },
      ],
    },
    roles: {
      visitor: { description: markup },
      'as <b>': { inherits: ['visitor'] },
      canary_staff: { description: 'canary_role_comment' },
      nobody: {},
    },
    docs: { roles: ['visitor', 'as <b>'], folder: 'docs' },
    tables: {
      index: {
        columns: { canary_hidden: { hidden: true } },
        relationships: {
          canary_relationship: {
            from: 'canary_table.index_id',
            description: 'canary_relationship_comment',
          },
        },
        permissions: {
          visitor: {
            select: {
              columns: ['id', hostile, '{x}|*y*', 'state'],
              where: {
                _or: [
                  { id: { _gt: 5 } },
                  { canary_column: 'canary_policy' },
                  { canary_hidden: 'canary_hidden_value' },
                  { canary_relationship: { id: { _gt: 7 } } },
                  { _exists: { table: 'canary_table', where: { index_id: '$jwt.canary_claim' } } },
                ],
              },
              limit: 7,
            },
          },
          'as <b>': {
            insert: {
              columns: ['id', '{x}|*y*', 'given'],
              set: { owner: '$jwt.sub' },
              check: { id: { _gt: 0 }, given: 'canary_insert_policy' },
            },
          },
          canary_staff: {
            select: {
              columns: '*',
              where: { canary_column: 'canary_policy', id: { _gt: '$jwt.canary_claim' } },
            },
            insert: { columns: '*', check: { given: 'canary_insert_policy' } },
          },
        },
      },
      [`t ${script}`]: { permissions: { visitor: { select: true }, canary_staff: { select: true } } },
      as: { permissions: { visitor: { select: true } } },
      tables: { permissions: { visitor: { select: true } } },
      '404': { permissions: { visitor: { select: true } } },
      '%2e%2e/%2f': { permissions: { visitor: { select: true } } },
      canary_table: { permissions: { canary_staff: { select: true } } },
      canary_unused: { permissions: { nobody: {} } },
    },
    functions: {
      open: { permissions: { visitor: { execute: true }, canary_staff: { execute: true } } },
      canary_function: { permissions: { canary_staff: { execute: true } } },
    },
  }),
  'migrations/0001_all.sql': [
    `create type canary_state as enum ('canary_label')`,
    `create type state as enum ('<b>on</b>', 'off')`,
    `create sequence canary_sequence`,
    `create table index (id int primary key default nextval('canary_sequence'), ${quoted(hostile)} text,
       ${quoted('{x}|*y*')} text not null default 'a''b', state state, given text, owner text,
       canary_column text default 'canary_default', canary_state canary_state, canary_hidden text)`,
    `comment on table index is '${markup}'`,
    `comment on column index.canary_column is 'canary_column_comment'`,
    `create table ${quoted(`t ${script}`)} (id int primary key references index (id), ${quoted('a b')} int[])`,
    `create table "as" (id int primary key, "\`" text, "🦊" text)`,
    `create table tables (id int primary key, as_id int references "as")`,
    `create table "404" (id int primary key)`,
    `create table "%2e%2e/%2f" (id int primary key)`,
    `create table canary_table (id int primary key, index_id int references index (id))`,
    `comment on table canary_table is 'canary_table_comment'`,
    `create table canary_unused (id int primary key)`,
    `create table canary_record (id int)`,
    `create function open(wanted canary_record, since date default '2020-01-01') returns setof canary_table
       language sql stable begin atomic select * from canary_table; end`,
    `create function canary_function(canary_argument int) returns int language sql volatile as 'select 1'`,
    `comment on function canary_function is 'canary_function_comment'`,
    '',
  ].join(';\n'),
  'docs/open.md': `# Open <b>page</b>

${markup}

<script>alert(4)</script> <iframe src="https://elsewhere.example/"></iframe> <style>p { background: url(https://elsewhere.example/) }</style>

<!-- canary_comment_of_a_page -->

[staff](canary_page_file.md) [other](deep/other.md#part) [script](javascript:alert(5)) [out](../novastack.yaml) [far](https://elsewhere.example/a)

![here](picture.png) ![vector](vector.svg) ![far](https://elsewhere.example/b.png) ![linked](linked.png)

\`\`\`sh
<script>alert(6)</script>
\`\`\`
`,
  'docs/deep/other.md':
    '---\nroles: ["as <b>", canary_staff]\ntitle: Other\n---\n## Part\n\n[back](../open.md)\n',
  'docs/canary_page_file.md':
    '---\nroles: [canary_staff]\n---\n# canary_page_title\n\ncanary_page_text ![p](private.png)\n',
  'docs/picture.png': 'a picture',
  'docs/private.png': 'canary_page_text as a picture',
  'docs/vector.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(7)</script></svg>',
  'docs/notes.txt': 'canary_text_file',
  'docs/_draft.md': 'canary_text_file',
  'docs/.hidden.md': 'canary_text_file',
  'outside.md': 'canary_linked',
};

export async function writeSalted(directory: string): Promise<void> {
  await write(directory, files);
  await symlink('../outside.md', join(directory, 'docs/linked.md'));
  await symlink('../outside.md', join(directory, 'docs/linked.png'));
  await symlink('..', join(directory, 'docs/up'));
}

export async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
  }
}
