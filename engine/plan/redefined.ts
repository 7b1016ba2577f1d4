/** Views, functions, policies, rules and triggers that a migration writes anew: what they do inside, no catalog tells. Pure. */
import type { Catalog } from '../catalog/catalog.ts';
import { fingerprintOf } from '../catalog/fingerprint.ts';
import type { Finding, Place, Side } from './change.ts';
import type { NewStatement } from './place.ts';
import { say, strong } from './sentence.ts';

interface Redefined {
  readonly kind: string;
  /** Key of the catalog, or the name of a function that it does not list. */
  readonly name: string;
  readonly fact: NonNullable<Place['fact']>;
  readonly text: string;
}

/** What is gone is told elsewhere. */
export function redefinitions(
  [base, head]: readonly [Side, Side],
  statements: readonly NewStatement[],
): readonly Finding[] {
  const found = statements.flatMap((statement) => {
    const [before, after] = [base, head].map(({ api }) => api.databases.get(statement.database)?.catalog);
    if (before === undefined || after === undefined) return [];
    const one = redefinedBy(statement, before);
    const { relation, routine } = one?.fact ?? {};
    const isGone =
      (relation !== undefined && !after.relations.has(relation)) ||
      (routine !== undefined && before.routines.has(routine) && !after.routines.has(routine));
    return one === undefined || isGone ? [] : [one];
  });
  const groups = Map.groupBy(found, ({ kind, name, fact }) => JSON.stringify([fact.database, kind, name]));
  return [...groups.values()].map((group) => finding(group));
}

const statement =
  /^(create|alter|drop)\s+(or\s+replace\s+)?(?:[^\s(]+\s+){0,6}?(view|function|procedure|routine|policy|rule|trigger)\s+(?:if\s+(?:not\s+)?exists\s+)?([^\s(;]+)/i;

function redefinedBy({ database, text }: NewStatement, catalog: Catalog): Redefined | undefined {
  const [, , replaces, kind = '', named = ''] = statement.exec(text) ?? [];
  const told = (name: string, fact: object): Redefined => ({
    kind: kind.toLowerCase(),
    name,
    fact: { database, ...fact },
    text,
  });
  switch (kind.toLowerCase()) {
    case '':
      return undefined;
    case 'view': {
      const relation = keyOf(named, catalog.relations.keys());
      return relation === undefined ? undefined : told(relation, { relation });
    }
    case 'policy':
    case 'rule':
    case 'trigger': {
      const on = /\s(?:on|to)\s+(?:only\s+)?([^\s(;]+)/i.exec(text)?.[1] ?? '';
      const relation = keyOf(on, catalog.relations.keys());
      return relation === undefined ? undefined : told(relation, { relation });
    }
    default: {
      // Those of triggers are not listed.
      const routine = keyOf(named, catalog.routines.keys());
      if (routine !== undefined) return told(routine, { routine });
      return replaces === undefined ? undefined : told(lastOf(named), { routine: `.${lastOf(named)}` });
    }
  }
}

function keyOf(name: string, keys: Iterable<string>): string | undefined {
  return [...keys].find((key) => lastOf(key).toLowerCase() === lastOf(name).toLowerCase());
}

function lastOf(name: string): string {
  return name.replace(/["`]/g, '').split('.').at(-1)!;
}

function finding(group: readonly Redefined[]): Finding {
  const { kind, name, fact } = group[0]!;
  const isPart = ['policy', 'rule', 'trigger'].includes(kind);
  return {
    section: 'database',
    rule: 'definition-changed',
    level: 'dangerous',
    needsAcceptance: false,
    sentence: isPart
      ? say`A ${[kind]} of ${name} is ${strong('written anew')}: which rows are seen or written may be others.`
      : say`The ${[kind]} ${name} is ${strong('written anew')}: what it gives, and whatever relies on it, may be others.`,
    hint: 'read it: what it does inside is not compared',
    subject: { database: fact.database },
    roles: [],
    fingerprint: fingerprintOf(['definition-changed', fact, kind, group.map(({ text }) => text)]),
    place: { path: ['databases', fact.database], fact },
  };
}
