/** What callers without a token may do to whole tables: said aloud, until a test of the project says that it is meant. */
import type { Path, Predicate } from '../../schema/predicate.ts';
import type { Project, TableConfig, Verb } from '../../schema/project.ts';
import type { Table } from '../api/api.ts';
import { lineageOf, writerOf } from '../api/lineage.ts';
import type { Subject } from './lint.ts';
import { isEmpty } from './policies.ts';
import { type TableFacts, whenTrue } from './truth.ts';

export function findAnonymousRights(subject: Subject): void {
  const { project, factsOf } = subject;
  const { anonymous } = project.auth;
  if (anonymous === undefined || project.roles.get(anonymous)?.everything === true) return;
  const lineage = lineageOf(anonymous, project.roles);
  for (const table of project.tables.values()) {
    const rights: Rights = { anonymous, lineage, table, facts: factsOf(table.name) };
    findWholeReads(subject, rights);
    for (const verb of ['insert', 'update', 'delete'] as const) findFreeWrites(subject, rights, verb);
  }
}

interface Rights {
  readonly anonymous: string;
  /** The role and all that it inherits from, the nearest first. */
  readonly lineage: readonly string[];
  readonly table: TableConfig;
  readonly facts: TableFacts;
}

function findWholeReads(subject: Subject, { anonymous, lineage, table, facts }: Rights): void {
  const owner = lineage.find((role) => {
    const select = table.permissions.get(role)?.select;
    return select !== undefined && isOpen(select.where, facts);
  });
  if (owner === undefined) return;
  const { project, findings } = subject;
  const path = ['tables', table.name, 'permissions', owner, 'select'];
  const place = writtenAt(table, owner, 'select', path);
  const narrower = narrowerRole(subject, table, owner);
  if (narrower !== undefined) {
    findings.add({
      code: 'ANONYMOUS_SEES_MORE',
      severity: 'warning',
      message: `Without a token every row of table "${table.name}" can be read (role "${anonymous}"), while role "${narrower}" is given only those that its token names.`,
      hint: `give "${owner}" a "where", or fewer columns than "${narrower}" has`,
      ...place,
      related: [
        {
          message: `This is what "${narrower}" is given.`,
          path: ['tables', table.name, 'permissions', narrower, 'select', 'where'],
        },
      ],
    });
    return;
  }
  if (isAcknowledged(project, anonymous, table.name, 'select')) return;
  findings.add({
    code: 'ANONYMOUS_READS_ALL',
    severity: 'notice',
    message: `Without a token every row of table "${table.name}" can be read (role "${anonymous}").`,
    hint: `give it a "where"; if all of it is public, say so in a test: { as: anonymous, allowed: { ${table.name}: [select] } }`,
    ...place,
  });
}

/** A role that reads the same columns or fewer, and only of the rows that its token names. */
function narrowerRole({ project, api }: Subject, table: TableConfig, owner: string): string | undefined {
  const bound = api.tables.get(table.name);
  const { columns, when } = table.permissions.get(owner)!.select!;
  const open = namesOf(columns, bound, when);
  for (const [role, { select }] of table.permissions) {
    if (role === owner || project.roles.get(role)?.everything === true || select?.where === undefined)
      continue;
    if (!asksToken(select.where)) continue;
    const own = namesOf(select.columns, bound);
    const all = own === '*' ? own : [...own, ...select.when.keys()];
    if (open === '*' || (all !== '*' && all.every((column) => open.includes(column)))) return role;
  }
  return undefined;
}

/** `*` where the columns are not known. */
function namesOf(
  columns: '*' | readonly string[],
  table: Table | undefined,
  without: ReadonlyMap<string, Predicate> = new Map(),
): '*' | readonly string[] {
  if (columns !== '*' || table === undefined) return columns;
  return [...table.columns.values()]
    .filter(({ hidden, column }) => !hidden && !without.has(column))
    .map(({ column }) => column);
}

function asksToken(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.some(asksToken);
    case 'not':
      return asksToken(predicate.of);
    case 'exists':
    case 'related':
      return asksToken(predicate.where);
    case 'compare':
      return predicate.operand.kind === 'claim';
    case 'aggregate':
      return (
        (predicate.filter !== undefined && asksToken(predicate.filter)) ||
        predicate.compare.some(({ operand }) => operand.kind === 'claim')
      );
    case 'compareColumns':
    case 'name':
      return false;
    default:
      return predicate satisfies never;
  }
}

const deeds = {
  insert: (table: string) => `insert into table "${table}", and nothing is checked`,
  update: (table: string) => `change every row of table "${table}"`,
  delete: (table: string) => `delete every row of table "${table}"`,
};

function findFreeWrites(
  { project, findings }: Subject,
  { anonymous, table, facts }: Rights,
  verb: 'insert' | 'update' | 'delete',
): void {
  const owner = writerOf(anonymous, table, verb, project.roles);
  const permission = owner === undefined ? undefined : table.permissions.get(owner)![verb];
  if (owner === undefined || permission === undefined) return;
  const key = verb === 'insert' ? 'check' : 'where';
  const written = (permission as { readonly check?: Predicate; readonly where?: Predicate })[key];
  // What a new row must be, `{}` says on purpose; that all rows may be changed by anybody is worth a second word.
  if (verb === 'insert' ? written !== undefined : !isOpen(written, facts)) return;
  const isMeant = isAcknowledged(project, anonymous, table.name, verb);
  if (isMeant && verb === 'insert') return;
  const path = ['tables', table.name, 'permissions', owner, verb];
  findings.add({
    code: 'ANONYMOUS_WRITES',
    severity: isMeant ? 'notice' : 'warning',
    message: `Without a token anybody can ${deeds[verb](table.name)} (role "${anonymous}").`,
    hint:
      verb === 'insert'
        ? 'say in "check" what a new row must be, or write check: {} if anything will do'
        : `say in "where" which rows; if all are meant, say so in a test: { as: anonymous, allowed: { ${table.name}: [${verb}] } }`,
    ...writtenAt(table, owner, verb, path),
  });
}

function isOpen(where: Predicate | undefined, facts: TableFacts): boolean {
  return where === undefined || isEmpty(where) || whenTrue(where, facts) === 'always';
}

/** At its `where` when one is written, else at the verb. */
function writtenAt(
  table: TableConfig,
  role: string,
  verb: Verb,
  path: Path,
): { readonly path: Path; readonly part: 'key' } {
  const entry = table.permissions.get(role)?.[verb] as { readonly where?: Predicate } | undefined;
  return { path: entry?.where === undefined ? path : [...path, 'where'], part: 'key' };
}

/** A test says that callers without a token are allowed to. */
function isAcknowledged(project: Project, anonymous: string, table: string, verb: Verb): boolean {
  return project.tests.some(
    ({ as, allowed }) =>
      (as === 'anonymous' || as.role === anonymous) && allowed.get(table)?.includes(verb) === true,
  );
}
