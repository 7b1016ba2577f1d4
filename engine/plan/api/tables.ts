/** Tables that go, come, are called otherwise or stand for something else, and what the database lets be done with them. Pure. */
import type { Table } from '../../api/api.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { say, strong } from '../sentence.ts';
import {
  atRelation,
  atTable,
  type Comparison,
  hasRelation,
  inYaml,
  orNobody,
  rolesOf,
  unseenBy,
  viewers,
} from './comparison.ts';
import { compareDescriptions, hintOfRemoval, isDeprecated } from './deprecation.ts';

export function compareTables(comparison: Comparison): void {
  const { gone, added, pairs } = comparison.tables;
  for (const table of gone) tellRemoved(table, comparison);
  for (const table of added) tellAdded(table, comparison);
  for (const [base, head] of pairs) {
    tellRenamed(base, head, comparison);
    tellSource(base, head, comparison);
    tellVerbs(base, head, comparison);
    tellRowSecurity(base, head, comparison);
    compareDescriptions(comparison, {
      subject: { table: head.name },
      title: say`Table ${head.name}`,
      roles: rolesOf(comparison, base, () => true),
      before: base.description,
      after: head.description,
      place: atRelation(head),
    });
  }
}

function tellRemoved(table: Table, comparison: Comparison): void {
  comparison.tell('table-removed', {
    subject: { table: table.name },
    roles: rolesOf(comparison, table, () => true),
    sentence: say`Table ${table.name} is ${strong('removed')}.`,
    hint: hintOfRemoval(table.description, probablyNow(table, comparison)),
    place: { path: ['tables'], part: 'key' },
  });
}

/** A new table with the same columns, whose relation had another name. */
function probablyNow(table: Table, { tables, head }: Comparison): string | undefined {
  if (hasRelation(head.api, table)) return undefined;
  const names = [...table.relation.columns.keys()].join('\0');
  const alike = tables.added.filter(({ relation }) => [...relation.columns.keys()].join('\0') === names);
  if (alike.length !== 1) return undefined;
  const [{ relation }] = alike as [Table];
  const key = relationKey(relation.schema, relation.name);
  return `keep the old name (${table.name}: { relation: ${key} }) if the table is ${alike[0]!.name} now`;
}

function tellAdded(table: Table, comparison: Comparison): void {
  const roles = viewers(comparison, (world) => world.tables.has(table.name));
  comparison.tell('table-added', {
    subject: { table: table.name },
    roles: orNobody(roles),
    sentence: say`Table ${table.name} is ${strong('new')}${unseenBy(roles)}.`,
    place: inYaml(atRelation(table)),
  });
}

function tellRenamed(base: Table, head: Table, comparison: Comparison): void {
  const isSame = base.rest === head.rest && base.profile === head.profile && base.graphql === head.graphql;
  if (isSame && base.name === head.name) return;
  const [before, after] =
    base.name === head.name ? [addressOf(base), addressOf(head)] : [base.name, head.name];
  comparison.tell('table-renamed', {
    subject: { table: base.name },
    roles: rolesOf(comparison, base, () => true),
    sentence: say`Table ${before} is ${strong('renamed')} to ${after}.`,
    hint: isDeprecated(base.description)
      ? 'it was deprecated: see that nobody asks for it any more'
      : 'keep the name, or expose a view of the same rows under the new one first',
    before,
    after,
    place: inYaml(atRelation(head)),
  });
}

/** What callers write, where the name of the YAML is the same: the schemas of the database stand in another order. */
function addressOf({ profile, rest }: Table): string {
  return profile === 'public' ? rest : `${profile}.${rest}`;
}

function tellSource(base: Table, head: Table, comparison: Comparison): void {
  const [before, after] = [sourceOf(base), sourceOf(head)];
  const isMoved = base.database !== head.database && hasDatabase(base.database, comparison);
  if (before === after && !isMoved) return;
  const [from, to] = isMoved
    ? [`${base.database}: ${before}`, `${head.database}: ${after}`]
    : [before, after];
  comparison.tell('table-source-changed', {
    subject: { table: head.name },
    roles: rolesOf(comparison, base, () => true),
    sentence: say`Table ${head.name} stands for ${to}, and stood for ${from}.`,
    hint: hasRelation(comparison.head.api, base)
      ? 'see that the two have the same rows: both are there'
      : 'nothing, if the relation has only another name in the database',
    before: from,
    after: to,
    place: atTable(head, 'relation'),
  });
}

/** One of another name under `databases:` is the same one, as far as can be told. */
function hasDatabase(name: string, { head }: Comparison): boolean {
  return head.project.databases.has(name);
}

function sourceOf({ relation }: Table): string {
  return relationKey(relation.schema, relation.name);
}

const verbs = [
  ['insert', 'insertable', 'new rows'],
  ['update', 'updatable', 'changes of rows'],
  ['delete', 'deletable', 'deletions'],
] as const;

/** A grant of what the database does not take is an error of the build: who is let do it is among the news of access. */
function tellVerbs(base: Table, head: Table, comparison: Comparison): void {
  for (const [verb, able, what] of verbs) {
    if (base.relation[able] === head.relation[able]) continue;
    const told = { subject: { table: head.name, verb }, place: atRelation(head) };
    if (base.relation[able])
      comparison.tell('verb-removed', {
        ...told,
        roles: rolesOf(comparison, base, (known) => known[verb] !== undefined),
        sentence: say`The database ${strong('no longer takes')} ${[what]} of ${head.name}.`,
        hint: 'give the view an INSTEAD OF trigger, or expose the table that it is made of',
      });
    else
      comparison.tell('verb-added', {
        ...told,
        roles: orNobody(viewers(comparison, (world) => world.tables.get(head.name)?.[verb] !== undefined)),
        sentence: say`The database takes ${[what]} of ${head.name}.`,
      });
  }
}

function tellRowSecurity(base: Table, head: Table, comparison: Comparison): void {
  const [was, is] = [base.relation.rowSecurity, head.relation.rowSecurity];
  if (was === is) return;
  comparison.tell('row-security-changed', {
    subject: { table: head.name },
    roles: rolesOf(comparison, base, () => true),
    sentence: say`Row security of ${head.name} is ${strong(is ? 'on' : 'off')} in the database.`,
    hint: is
      ? 'see that its policies let through what the permissions let through'
      : 'see that the permissions hide what its policies hid',
    before: was ? 'on' : 'off',
    after: is ? 'on' : 'off',
    place: atRelation(head),
  });
}
