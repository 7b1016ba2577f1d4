/** The files of a new project: an embedded database, one table, what each role may do, and tests. Pure. */

/** Paths relative to the project's folder, with `/`, and what each file says. */
export type Files = ReadonlyMap<string, string>;

/**
 * @param project its slug
 * @param schemaOf where the JSON Schema lies, seen from a file of the project
 */
export function newProject(project: string, schemaOf: (file: string) => string): Files {
  const yaml = (file: string, text: string): [string, string] => [
    file,
    `${editorLine(schemaOf(file))}${text}`,
  ];
  return new Map([
    yaml('novastack.yaml', projectFile(project)),
    yaml('tables/notes.yaml', tableFile),
    yaml('tests.yaml', testsFile),
    ['migrations/0001_notes.sql', migrationFile],
    ['seeds/01_notes.sql', seedFile],
  ]);
}

/** The line by which editors find the schema of the language. */
export function editorLine(schema: string): string {
  return `# yaml-language-server: $schema=${schema}\n`;
}

/** `book_shop` → `Book shop`: a title to begin with. */
export function titleOf(project: string): string {
  const words = project.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function projectFile(project: string): string {
  return `novastack: 1
project: ${project}
title: ${titleOf(project)}

databases:
  main:
    engine: embedded               # PostgreSQL inside the engine; its data is in .novastack/
    migrations: migrations         # applied in order, once each
    seeds: seeds

auth:
  anonymous: visitor               # the role of a request without a token
  # jwt:                           # who else may sign tokens; "novastack dev" adds an issuer of its own
  #   - issuer: https://login.example.eu/
  #     jwks: https://login.example.eu/.well-known/jwks.json
  #     audience: ${project}

roles:
  visitor: {}
  member: { inherits: [visitor], description: Writes notes of their own. }
  admin: { everything: true }
`;
}

const tableFile = `tables:
  notes:
    permissions:                   # a table that is not listed does not exist; a role without an entry has nothing
      visitor:
        select:
          columns: [id, title, body, created_at]
          where: { published: true }
      member:                      # besides what a visitor sees: their own notes, whole
        select: { columns: "*", where: { author: $jwt.sub } }
        insert:
          columns: [title, body, published]
          set: { author: $jwt.sub }        # from the token; a caller cannot choose it
        update:
          columns: [title, body, published]
          where: { author: $jwt.sub }
        delete: { where: { author: $jwt.sub } }
`;

const testsFile = `tests:                             # npx novastack test
  - name: visitors write nothing
    as: { role: visitor }
    denied: { notes: [insert, update, delete] }
  - name: members write notes
    as: { role: member }
    allowed: { notes: [select, insert, update, delete] }
  - name: a visitor sees published notes only
    as: anonymous
    request: { get: "/rest/v1/notes?select=title&order=id" }
    expect: { status: 200, body: [ { title: Hello } ] }
  - name: a visitor does not see who wrote them
    as: anonymous
    request: { get: /rest/v1/notes }
    expect: { status: 200, hidden: [author, published] }
  - name: a member also sees their own drafts
    as: { role: member, claims: { sub: ada } }
    request: { get: "/rest/v1/notes?select=title&order=id" }
    expect: { status: 200, body: [ { title: Hello }, { title: A draft } ] }
  - name: a note belongs to who writes it
    as: { role: member, claims: { sub: ben } }
    request:
      post: "/rest/v1/notes?select=title,author"
      body: { title: Mine }
      prefer: return=representation
    expect: { status: 201, body: [ { title: Mine, author: ben } ] }
  - name: a member does not change another's note
    as: { role: member, claims: { sub: ben } }
    request: { patch: "/rest/v1/notes?id=eq.1", body: { title: Mine }, prefer: return=representation }
    expect: { status: 200, body: [] }
`;

const migrationFile = `-- Once applied, a migration is never edited: write 0002_….sql for the next change.
create table notes (
  id integer generated always as identity primary key,
  title text not null check (length(title) between 1 and 200),
  body text not null default '',
  published boolean not null default false,
  author text not null,
  created_at timestamptz not null default now()
);

create index notes_author on notes (author);

comment on table notes is 'Short texts: everyone reads the published ones, members write their own.';
comment on column notes.author is 'The subject of the token that wrote it.';
`;

const seedFile = `insert into notes (title, body, published, author) values
  ('Hello', 'This note is published, so every visitor can read it.', true, 'ada'),
  ('A draft', 'Only its author reads this one.', false, 'ada');
`;
