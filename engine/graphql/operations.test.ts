/** Operations of the project's folder: what is found in the files, and of whom each is. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { createProject } from '../../test/project.ts';
import { bindOperations } from './operations.ts';

const sql = `
  create table authors (id int primary key, name text not null);
  create table books (id int primary key, title text not null, cost int, author_id int not null references authors (id));
  insert into authors values (1, 'Ada');
  insert into books values (1, 'One', 7, 1), (2, 'Two', 8, 1);
`;
const yaml = `
roles: { visitor: {}, staff: {}, kiosk: {}, blind: { introspection: false }, nobody: {} }
tables:
  authors:
    permissions: { visitor: { select: true }, staff: { select: true }, kiosk: { select: true }, blind: { select: true } }
  books:
    permissions:
      visitor: { select: { columns: [id, title, author_id] } }
      kiosk: { select: { columns: [id, title, author_id] }, insert: { columns: [id, title, author_id] } }
      blind: { select: { columns: [id, title, author_id] } }
      staff: { select: true, insert: true }
`;

/** `error CODE file:line:column | message | hint`. */
async function findings(files: Readonly<Record<string, string>>, operations: string): Promise<string[]> {
  const all = Object.fromEntries(Object.entries(files).map(([name, text]) => [`operations/${name}`, text]));
  const { project, api } = await projectOf(`${yaml}operations: ${operations}`, all);
  const { diagnostics } = await bindOperations(project, api);
  return diagnostics.map(line);
}

function line({ severity, code, message, hint, source, related }: Diagnostic): string {
  const at = (place: typeof source) => `${place?.file}:${place?.span.start.line}:${place?.span.start.column}`;
  const others = (related ?? []).map((one) => ` (${one.message} ${at(one.source)})`).join('');
  return `${severity} ${code} ${at(source)} | ${message}${others} | ${hint}`;
}

const endings: (() => unknown)[] = [];
const scope = { after: (end: () => unknown) => void endings.unshift(end) } as Parameters<
  typeof createProject
>[0];
after(async () => {
  for (const end of endings) await end();
});
const projectOf = (text: string, files: Readonly<Record<string, string>>) =>
  createProject(scope, { sql, yaml: text, files });

describe('what is wrong with operations is found in their files', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string, readonly string[]])[] = [
    [
      'a text that is no GraphQL',
      { 'a.graphql': 'query A {\n  books { id }\n' },
      '{}',
      [
        'error GRAPHQL_SYNTAX operations/a.graphql:3:1 | This is not GraphQL: Expected Name, found <EOF>. | write operations as in: query BookList { books { id } }',
      ],
    ],
    [
      'an operation without a name',
      { 'a.graphql': '# all\nmutation { delete_books(where: {}) { affected_rows } }' },
      '{}',
      [
        'error OPERATION_ANONYMOUS operations/a.graphql:2:1 | The operation has no name. | name it, as in: mutation BookList { … }',
      ],
    ],
    [
      'a definition of a type',
      { 'a.graphql': 'type Book { id: Int }' },
      '{}',
      [
        'error NO_OPERATION operations/a.graphql:1:1 | Only operations and fragments belong in this folder; this defines something else. | the schema comes from tables: and functions:; remove it',
      ],
    ],
    [
      'one name for two operations and for two fragments',
      {
        'a.graphql': 'query A { books { ...F } }\nfragment F on books { id }',
        'b/b.graphql': 'fragment F on books { title }\nquery A { books { ...F } }',
      },
      '{}',
      [
        'error FRAGMENT_TWICE operations/b/b.graphql:1:10 | Fragment "F" is written twice. (The first is here. operations/a.graphql:2:10) | give one of them another name; names are unique in all files of the folder',
        'error OPERATION_TWICE operations/b/b.graphql:2:7 | Operation "A" is written twice. (The first is here. operations/a.graphql:1:7) | give one of them another name; names are unique in all files of the folder',
      ],
    ],
    [
      'a fragment that no file has, and one that nobody uses',
      { 'a.graphql': 'query A {\n  books { ...Bok }\n}', 'b.graphql': 'fragment Book on books { nothing }' },
      '{}',
      [
        'error FRAGMENT_NOT_FOUND operations/a.graphql:2:14 | No file of the folder has a fragment "Bok". | did you mean "Book"?',
        'warning FRAGMENT_NOT_USED operations/b.graphql:1:10 | No operation uses fragment "Book", so nothing checks it. | remove it, or spread it in an operation',
      ],
    ],
    [
      'a line for an operation that is not there',
      { 'a.graphql': 'query StaffReport { books { id } }' },
      '{ roles: { StafReport: [staff] } }',
      [
        'error OPERATION_NOT_FOUND rest.yaml:12:24 | No file of the folder "operations" has an operation "StafReport". | did you mean "StaffReport"?',
      ],
    ],
    [
      'introspection, in a fragment too',
      {
        'a.graphql': 'query A { ...R }\nfragment R on query_root { __schema { queryType { name } } }',
      },
      '{}',
      [
        'error OPERATION_INTROSPECTS operations/a.graphql:2:28 | Operation "A" reads the schema itself. | take the field out; who may introspect is said by introspection: under roles:',
      ],
    ],
    [
      'a column that one of its roles does not see',
      { 'a.graphql': 'query A($id: Int!) {\n  books_by_pk(id: $id) {\n    id cost\n  }\n}' },
      '{ roles: { A: [visitor, staff, kiosk] } }',
      [
        'error OPERATION_NOT_VALID operations/a.graphql:3:8 | Operation "A" is not valid for roles "visitor", "kiosk": field \'cost\' not found in type: \'books\'. | mend it, or take the role out of the line of "A" under operations: roles:',
      ],
    ],
    [
      'a column that nobody has, in a fragment of another file',
      {
        'a.graphql': 'query A {\n  books { ...Book }\n}',
        'book.graphql': 'fragment Book on books {\n  id\n  titel\n}',
      },
      '{ folder: operations }',
      [
        'error OPERATION_NOT_VALID operations/book.graphql:3:3 | Operation "A" is not valid for roles "visitor", "staff", "kiosk", "blind": field \'titel\' not found in type: \'books\'. | did you mean "title"?',
        'error OPERATION_NOT_VALID operations/a.graphql:2:3 | Operation "A" is not valid for role "nobody": field \'books\' not found in type: \'query_root\'. | mend it, or grant what it reads to a role: it must be valid for one',
      ],
    ],
    [
      'an argument of another type, and a limit',
      {
        'a.graphql': 'query A {\n  books(limit: "ten") { id }\n}',
        'b.graphql': `query B {\n  books { ${'author { books { '.repeat(5)} id ${'} }'.repeat(5)} }\n}`,
        'c.graphql': 'query C {\n  books {\n    x: id\n    x: title\n  }\n}',
      },
      '{ roles: { A: [staff], B: [staff], C: [staff] } }',
      [
        'error OPERATION_NOT_VALID operations/a.graphql:2:16 | Operation "A" is not valid for role "staff": Int cannot represent non-integer value: "ten". | mend it, or take the role out of the line of "A" under operations: roles:',
        'error OPERATION_NOT_VALID operations/b.graphql:2:79 | Operation "B" is not valid for role "staff": the document follows more than 8 levels of relationships. | mend it, or take the role out of the line of "B" under operations: roles:',
        'error OPERATION_NOT_VALID operations/c.graphql:3:5 | Operation "C" is not valid for role "staff": "x" is asked for twice with different fields or arguments; give one of them an alias. | mend it, or take the role out of the line of "C" under operations: roles:',
      ],
    ],
    [
      'nothing, where some role may run it',
      {
        'a.graphql': 'query A { books { cost } }',
        'b.graphql': '# nothing yet\n',
        'c.graphql': 'mutation C { insert_books_one(object: {id: 9, title: "x", author_id: 1}) { id } }',
      },
      '{ only: [kiosk] }',
      [],
    ],
  ];
  for (const [name, files, operations, expected] of cases)
    test(name, async () => assert.deepEqual(await findings(files, operations), expected));
});
