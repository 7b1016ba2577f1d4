/** Conditions that let every row through, or none, though they look as if they chose. */
import type { Path, Predicate } from '../../schema/predicate.ts';
import type { Findings } from '../api/diagnose.ts';
import type { Subject } from './lint.ts';
import { isEmpty, type Policy, policiesOf } from './policies.ts';
import { nothingKnown, type TableFacts, whenTrue } from './truth.ts';

export function findPolicyTruths({ project, factsOf, findings }: Subject): void {
  for (const policy of policiesOf(project)) {
    // `{}` is true when written on purpose; `_or: []` takes an inherited write away.
    if (isEmpty(policy.predicate) || isNothing(policy.predicate)) continue;
    const facts = factsOf(policy.table);
    const branches = openBranches(policy.predicate, facts);
    for (const path of branches) reportBranch(policy, path, findings);
    const truth = whenTrue(policy.predicate, facts);
    if (truth === 'never') reportNever(policy, findings);
    else if (truth === 'always' && branches.length === 0) reportAlways(policy, findings);
  }
}

function isNothing(predicate: Predicate): boolean {
  return predicate.kind === 'or' && predicate.of.length === 0;
}

/** The innermost branches of an `_or` that are always true: each makes its siblings mean nothing. */
function openBranches(predicate: Predicate, facts: TableFacts): readonly Path[] {
  switch (predicate.kind) {
    case 'and':
      return predicate.of.flatMap((part) => openBranches(part, facts));
    case 'or':
      return predicate.of.flatMap((part) => {
        const inside = openBranches(part, facts);
        if (inside.length > 0) return inside;
        return predicate.of.length > 1 && whenTrue(part, facts) === 'always' ? [part.path] : [];
      });
    case 'related':
      return openBranches(predicate.where, facts.relationship(predicate.relationship)?.to ?? nothingKnown);
    case 'exists':
      return openBranches(predicate.where, facts.table(predicate.table));
    case 'aggregate':
      return predicate.filter === undefined
        ? []
        : openBranches(predicate.filter, facts.relationship(predicate.relationship)?.to ?? nothingKnown);
    // Beneath a negation an open branch closes: the whole is then found to be never true.
    case 'not':
    case 'compare':
    case 'compareColumns':
    case 'name':
      return [];
    default:
      return predicate satisfies never;
  }
}

function reportBranch({ role, table, verb, key, column }: Policy, path: Path, findings: Findings): void {
  const where = column === undefined ? `${verb}.${key}` : `${key} of column "${column}"`;
  findings.add({
    code: 'POLICY_OPEN_BRANCH',
    severity: 'warning',
    message: `This branch of "_or" is true of every row, so the branches beside it choose nothing (${where} of role "${role}" on table "${table}").`,
    hint: 'remove it, or say which rows it is for; if every row is meant, write {} in place of the whole',
    path,
  });
}

function reportAlways({ role, table, verb, key, column, path }: Policy, findings: Findings): void {
  findings.add({
    code: 'POLICY_ALWAYS_TRUE',
    severity: 'warning',
    message: `The "${key}" is true of every row, so it does not limit what role "${role}" may ${deed(verb, column)} table "${table}".`,
    hint:
      column === undefined
        ? `write ${key}: {} if every row is meant, or else which rows are`
        : `write ${column}: true if every row is meant, or else which rows are`,
    path,
  });
}

function reportNever({ role, table, verb, key, column, path }: Policy, findings: Findings): void {
  findings.add({
    code: 'POLICY_NEVER_TRUE',
    severity: 'warning',
    message: `No row can pass this "${key}", so role "${role}" can ${deed(verb, column).replace(' ', ' nothing ')} table "${table}".`,
    hint:
      column === undefined
        ? `correct it, or leave "${verb}" out; ${key}: { _or: [] } says that nothing is meant, as against an inherited grant`
        : 'correct it, or leave the column out',
    path,
  });
}

const deeds = {
  select: 'read of',
  insert: 'insert into',
  update: 'change in',
  delete: 'delete from',
} as const;

function deed(verb: Policy['verb'], column: string | undefined): string {
  return column === undefined ? deeds[verb] : `read in column "${column}" of`;
}
