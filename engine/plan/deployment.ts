/** What the engine would refuse to deploy without an approval, told before it is merged. Pure. */
import { type Breakage, breaksServing } from '../api/broken.ts';
import { emptyGuard } from '../api/empty-guard.ts';
import type { DriftKind } from '../catalog/drift-rules.ts';
import type { ApiRuleId } from './api/rules.ts';
import type { Finding, Place, Side } from './change.ts';
import { type Sentence, say, strong, type Word } from './sentence.ts';

/** What deployments look at. */
export interface Deployment {
  readonly base: Side;
  readonly head: Side;
  /** Databases with migrations that are still to run. */
  readonly migrated: ReadonlySet<string>;
}

/** `api`: what the API diff found; what is the same thing as a breakage takes its fingerprint, so that one approval is enough. */
export function withDeployment(api: readonly Finding[], deployment: Deployment): readonly Finding[] {
  const breakages = breakagesOf(deployment);
  const told = new Set<Breakage>();
  const joined = api.map((finding) => {
    const breakage = breakages.find((one) => isOf(finding, one));
    if (breakage === undefined) return finding;
    told.add(breakage);
    return { ...finding, fingerprint: breakage.fingerprint };
  });
  const rest = breakages.filter((one) => !told.has(one)).map(breakageFinding);
  return [...joined, ...rest, ...emptied(deployment)];
}

/** Migrations run while the base still serves. */
function breakagesOf({ base, head, migrated }: Deployment): readonly Breakage[] {
  const after = [...head.api.databases].filter(([name]) => migrated.has(name));
  return breaksServing(base.api, new Map(after.map(([name, { catalog }]) => [name, catalog])));
}

/** What breaks in a database, and what the API diff calls what follows from it: an approval is for nothing else of the same thing. */
const consequences: Partial<Record<DriftKind, readonly ApiRuleId[]>> = {
  'insert-gone': ['verb-removed'],
  'update-gone': ['verb-removed'],
  'delete-gone': ['verb-removed'],
  'column-gone': ['column-removed'],
  'column-required': ['new-required-request-property'],
  'type-changed': ['response-property-type-changed', 'request-property-type-changed', 'graphql-type-changed'],
  'enum-value-gone': ['request-property-enum-value-removed'],
  'nullability-tightened': ['request-property-became-not-nullable', 'request-property-became-required'],
  'default-gone': ['request-property-became-required'],
  'column-generated': ['request-optional-property-became-read-only'],
  'identity-always': ['request-optional-property-became-read-only'],
  'primary-key-gone': ['key-removed', 'key-changed'],
  'primary-key-changed': ['key-removed', 'key-changed'],
  'unique-gone': ['unique-key-removed'],
  'search-index-gone': ['column-search-removed'],
  'function-gone': ['function-removed', 'overload-removed'],
  'function-arguments-changed': ['argument-renamed', 'request-parameter-became-required'],
  'function-result-changed': ['response-body-type-changed', 'result-column-removed'],
  'function-volatility-changed': ['function-volatility-changed'],
};

/** One breaking change of the API and the breakage that it follows from. */
function isOf(
  { level, rule, place: { fact } }: Finding,
  { what, database, relation, column, routine }: Breakage,
): boolean {
  if (!(consequences[what] ?? []).some((one) => one === rule)) return false;
  if (level !== 'breaking' || fact === undefined || fact.database !== database) return false;
  return (
    (fact.relation ?? null) === relation &&
    (fact.column ?? null) === column &&
    (fact.routine ?? null) === routine
  );
}

function breakageFinding(breakage: Breakage): Finding {
  const { what, database, relation, column, routine, message, fingerprint } = breakage;
  const fact = { database, relation, column, routine };
  return {
    section: 'database',
    rule: what,
    level: 'breaking',
    needsAcceptance: true,
    sentence: say`What is served now ${strong('breaks')} when the migrations run, before this is served: ${withNames(message)}`,
    hint: 'take away what the API no longer uses in a later pull request, once this one is served',
    subject: { database },
    roles: [],
    fingerprint,
    place: { path: ['databases', database], fact: definedOnly(fact) },
  };
}

function definedOnly(fact: Record<'relation' | 'column' | 'routine', string | null> & { database: string }) {
  const known = Object.entries(fact).filter(([, value]) => value !== null);
  return Object.fromEntries(known) as unknown as NonNullable<Place['fact']>;
}

function emptied({ base, head }: Deployment): readonly Finding[] {
  const found = emptyGuard(base.api.tables.keys(), head.api.tables.keys());
  if (found === undefined) return [];
  const { removed, fingerprint } = found;
  const all = base.api.tables.size;
  return [
    {
      section: 'api',
      rule: 'api-emptied',
      level: 'breaking',
      needsAcceptance: true,
      sentence:
        removed.length === all
          ? say`${strong('Every table')} of the API is removed.`
          : say`${strong('Most tables')} of the API are removed: ${removed.length} of ${all}.`,
      hint: 'the engine serves it only with this approval',
      subject: {},
      roles: [],
      fingerprint,
      place: { path: ['tables'] },
    },
  ];
}

/** Sentences of the catalog have their names in quotes. */
function withNames(message: string): Sentence {
  return message
    .split(/("[^"]*")/)
    .filter((part) => part !== '')
    .map((part): Word => (part.startsWith('"') && part.length > 2 ? { name: part.slice(1, -1) } : part));
}
