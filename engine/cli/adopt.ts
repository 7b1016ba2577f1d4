/** The files of a project over a database that exists: every relation listed, nobody but `service` let in. Pure. */
import type { Catalog, Column, Relation } from '../catalog/catalog.ts';
import { mysqlSchema, mysqlTypeText } from '../catalog/mysql-types.ts';
import { editorLine, type Files, titleOf } from './scaffold.ts';

export interface Adoption {
  /** The slug. */
  readonly project: string;
  /** A reference, `${env:BOOKSHOP_URL}`: never the URL itself. */
  readonly url: string;
  /** As the language names it. */
  readonly engine: string;
  readonly catalog: Catalog;
}

/** @param schemaOf where the JSON Schema lies, seen from a file of the project */
export function adoptedProject(adoption: Adoption, schemaOf: (file: string) => string): Files {
  const files = new Map<string, string>();
  files.set('novastack.yaml', editorLine(schemaOf('novastack.yaml')) + projectFile(adoption));
  const names = new Set<string>();
  for (const relation of exactNamesFirst(adoption.catalog)) {
    const name = freeName(tableName(relation, adoption.catalog.schemas), names);
    names.add(name);
    const file = `tables/${fileName(name)}.yaml`;
    files.set(file, editorLine(schemaOf(file)) + tableFile(name, relation));
  }
  return files;
}

function projectFile({ project, url, engine, catalog }: Adoption): string {
  const schemas = catalog.schemas.map(scalar).join(', ');
  return `novastack: 1
project: ${project}
title: ${titleOf(project)}

databases:
  main:
    engine: ${engine}
    url: ${url}
    schemas: [${schemas}]

auth:
  anonymous: visitor               # the role of a request without a token; without this line it gets 401
  # jwt:                           # who may sign tokens; "novastack dev" adds an issuer of its own
  #   - issuer: https://login.example.eu/
  #     jwks: https://login.example.eu/.well-known/jwks.json
  #     audience: ${project}

roles:
  visitor: {}                      # has nothing until a table's permissions say so
  service: { everything: true, description: For trusted programs. Reads and writes every listed table. }
`;
}

function tableFile(name: string, relation: Relation): string {
  const columns = [...relation.columns.values()];
  const key = relation.primaryKey?.columns ?? [];
  const shown = columns.slice(0, 6).map((column) => scalar(column.name));
  return `tables:
  ${scalar(name)}:
    relation: ${scalar(`${relation.schema}.${relation.name}`)}${key.length > 0 ? '' : keyHint(relation)}
    # Closed: only "service" sees this table. To open it, take away the # and say who may do what:
    # permissions:
    #   visitor:
    #     select:
    #       columns: [${shown.join(', ')}]     # or "*"
    #       limit: 100
    #
    # Its columns${relation.kind === 'table' ? '' : ` (a ${relation.kind.replaceAll('-', ' ')})`}:
${columns.map((column) => `    #   ${describe(column, key)}`).join('\n')}
`;
}

function keyHint(relation: Relation): string {
  const first = [...relation.columns.keys()][0];
  if (first === undefined) return '';
  return `
    # It has no primary key. If some columns name one row, say which:
    # key: [${scalar(first)}]`;
}

function describe(column: Column, key: readonly string[]): string {
  const facts = [
    typeOf(column),
    key.includes(column.name) ? 'key' : undefined,
    column.nullable ? 'may be null' : undefined,
    column.generated ? 'generated' : undefined,
  ].filter((fact) => fact !== undefined);
  return `${scalar(column.name)}: ${oneLine(facts.join(', '))}`;
}

/** A type without a name of its own is written out. */
function typeOf({ type }: Column): string {
  return type.schema === mysqlSchema ? mysqlTypeText(type) : `${type.name}${type.modifiers}`;
}

/** Relations outside the first schema are named with it; a dot in a relation's own name would read as one. */
function tableName(relation: Relation, schemas: readonly string[]): string {
  const own = relation.name.replaceAll('.', '_');
  return relation.schema === schemas[0] ? own : `${relation.schema}.${own}`;
}

/** A relation that can keep its name as it is does so, whatever another is renamed to. */
function exactNamesFirst(catalog: Catalog): readonly Relation[] {
  const relations = [...catalog.relations.values()];
  return [
    ...relations.filter(({ name }) => !name.includes('.')),
    ...relations.filter(({ name }) => name.includes('.')),
  ];
}

/** `a.b` and `a_b` in one schema both want to be `a_b`. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}

/** As the lock does it: percent-encoded outside `[a-z0-9_.]`, and never beginning with `.` or `_`, which is not read. */
function fileName(name: string): string {
  const bytes = [...Buffer.from(name, 'utf8')];
  return bytes
    .map((byte, index) => {
      const char = String.fromCharCode(byte);
      const plain = index === 0 ? /[a-z0-9]/ : /[a-z0-9_.]/;
      return plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** A name as a YAML scalar: plain where that is certain to be read as text, else double-quoted. */
export function scalar(text: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(text);
  if (plain && !/^(true|false|null|y|n|yes|no|on|off)$/i.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    unprintable,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What YAML refuses, or would break a line at, inside double quotes, and JSON leaves as it is. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
