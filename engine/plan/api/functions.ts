/** Functions that go, come, are called otherwise or do something else; overloads are paired here and compared in their parts. Pure. */
import type { Api, Callable, Overload } from '../../api/api.ts';
import { functionForm } from '../../api/graphql-functions.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { signature } from '../../catalog/type.ts';
import type { Place } from '../change.ts';
import { matchFunctions } from '../match.ts';
import { type Sentence, say, strong } from '../sentence.ts';
import { compareArguments } from './arguments.ts';
import { type Comparison, inYaml, orNobody, rolesWhere, unseenBy, viewers } from './comparison.ts';
import { compareDescriptions, hintOfRemoval, isDeprecated } from './deprecation.ts';
import { pairOverloads, tellAmbiguousCalls } from './overloads.ts';
import { compareResults } from './results.ts';

export interface FunctionPair {
  readonly base: Callable;
  readonly head: Callable;
  /** `Function "search"`; with its arguments where it has overloads. */
  readonly title: Sentence;
  /** The same within a sentence. */
  readonly name: Sentence;
  readonly subject: { readonly function: string };
  readonly roles: readonly string[];
  readonly place: Place;
}

export function compareFunctions(comparison: Comparison): void {
  const { gone, added, pairs } = matchFunctions(comparison.base.api, comparison.head.api);
  const { base, head } = comparison;
  for (const callable of gone) if (!isField(callable, base.api)) tellRemoved(callable, added, comparison);
  for (const callable of added) if (!isField(callable, head.api)) tellAdded(callable, comparison);
  for (const [base, head] of pairs) compareFunction(pairOf(base, head, comparison), comparison);
}

/** It is told of as the field, or the relationship, that it computes. */
function isField(callable: Callable, { tables }: Api): boolean {
  if (functionForm(callable).kind !== 'row') return false;
  return [...tables.values()].some(({ computed, edges }) =>
    [...computed.values(), ...edges.values()].some((one) => one.callable === callable.name),
  );
}

function callers({ name }: Callable, comparison: Comparison): readonly string[] {
  return rolesWhere(comparison, (world) => world.functions.has(name));
}

function routineOf({ overloads }: Callable): string {
  const { schema, name } = overloads[0]!.routine;
  return relationKey(schema, name);
}

function placeOf(callable: Callable): Place {
  const { name, database } = callable;
  return { path: ['functions', name], part: 'key', fact: { database, routine: routineOf(callable) } };
}

function tellRemoved(callable: Callable, added: readonly Callable[], comparison: Comparison): void {
  const forms = (one: Callable) =>
    one.overloads.map(({ routine }) => signature(routine.arguments)).join('\0');
  const alike = added.filter((one) => forms(one) === forms(callable));
  const instead =
    alike.length === 1
      ? `keep the old name (${callable.name}: { function: ${routineOf(alike[0]!)} }) if the function is ${alike[0]!.name} now`
      : undefined;
  comparison.tell('function-removed', {
    subject: { function: callable.name },
    roles: callers(callable, comparison),
    sentence: say`Function ${callable.name} is ${strong('removed')}.`,
    hint: hintOfRemoval(callable.description, instead),
    place: { path: ['functions'], part: 'key' },
  });
}

function tellAdded(callable: Callable, comparison: Comparison): void {
  const roles = viewers(comparison, (world) => world.functions.has(callable.name));
  comparison.tell('function-added', {
    subject: { function: callable.name },
    roles: orNobody(roles),
    sentence: say`Function ${callable.name} is ${strong('new')}${unseenBy(roles)}.`,
    place: inYaml(placeOf(callable)),
  });
}

function pairOf(base: Callable, head: Callable, comparison: Comparison): FunctionPair {
  return {
    base,
    head,
    title: say`Function ${head.name}`,
    name: say`function ${head.name}`,
    subject: { function: head.name },
    roles: callers(base, comparison),
    place: placeOf(head),
  };
}

function compareFunction(pair: FunctionPair, comparison: Comparison): void {
  const { base, head, title, subject, roles, place } = pair;
  tellRenamed(pair, comparison);
  tellSource(pair, comparison);
  const { gone, added, pairs } = pairOverloads(base, head);
  for (const overload of gone) tellOverload('overload-removed', overload, pair, comparison);
  for (const overload of added) tellOverload('overload-added', overload, pair, comparison);
  for (const [before, after] of pairs) compareOverload([before, after], pair, comparison);
  tellAmbiguousCalls(pair, comparison);
  tellForm(pair, comparison);
  compareDescriptions(comparison, {
    subject,
    title,
    roles,
    before: base.description,
    after: head.description,
    place,
  });
}

function tellRenamed({ base, head, roles, place }: FunctionPair, { tell }: Comparison): void {
  const isSame = base.rest === head.rest && base.profile === head.profile;
  if (isSame && base.name === head.name) return;
  const [before, after] =
    base.name === head.name ? [addressOf(base), addressOf(head)] : [base.name, head.name];
  tell('function-renamed', {
    subject: { function: base.name },
    roles,
    sentence: say`Function ${before} is ${strong('renamed')} to ${after}.`,
    hint: isDeprecated(base.description)
      ? 'it was deprecated: see that nobody calls it any more'
      : 'keep the name, or add the new one beside it first',
    before,
    after,
    place: inYaml(place),
  });
}

function addressOf({ profile, rest }: Callable): string {
  return profile === 'public' ? rest : `${profile}.${rest}`;
}

/** Where the old one is there still; else it may have another name in the database only. */
function tellSource(
  { base, head, title, subject, roles, place }: FunctionPair,
  comparison: Comparison,
): void {
  const [before, after] = [routineOf(base), routineOf(head)];
  if (before === after && base.database === head.database) return;
  comparison.tell('function-source-changed', {
    subject,
    roles,
    sentence: say`${title} stands for ${after}, and stood for ${before}.`,
    hint: comparison.head.api.databases.get(base.database)?.catalog.routines.has(before)
      ? 'see that the two do the same: both are there'
      : 'nothing, if the function has only another name in the database',
    before,
    after,
    place: inYaml(place),
  });
}

function tellOverload(
  rule: 'overload-removed' | 'overload-added',
  { routine }: Overload,
  { title, subject, roles, place }: FunctionPair,
  { tell }: Comparison,
): void {
  const form = signature(routine.arguments);
  const isGone = rule === 'overload-removed';
  tell(rule, {
    subject,
    roles,
    sentence: isGone
      ? say`${title} ${strong('can no longer be called')} with (${[form]}).`
      : say`${title} can also be called with (${[form]}).`,
    hint: isGone ? 'keep the overload until no caller gives these arguments' : undefined,
    ...(isGone ? { before: form } : { after: form }),
    place,
  });
}

function compareOverload(
  [before, after]: readonly [Overload, Overload],
  pair: FunctionPair,
  comparison: Comparison,
): void {
  const many = pair.base.overloads.length > 1 || pair.head.overloads.length > 1;
  const form: Sentence = many ? [` (${signature(after.routine.arguments)})`] : [];
  const title = say`${pair.title}${form}`;
  const one = { ...pair, title, name: say`${pair.name}${form}` };
  compareArguments([before, after], one, comparison);
  compareResults([before, after], one, comparison);
  tellVolatility([before, after], one, comparison);
  const [was, is] = [before.routine.definer, after.routine.definer];
  if (was !== is)
    comparison.tell('function-rights-changed', {
      subject: pair.subject,
      roles: pair.roles,
      sentence: is
        ? say`${title} runs with ${strong("its owner's rights")}, and ran with the rights of who calls it.`
        : say`${title} runs with ${strong('the rights of who calls it')}, and ran with its owner's.`,
      hint: is
        ? 'check its body: no permission limits what it does'
        : 'see that its callers may do what it does',
      before: was ? 'definer' : 'invoker',
      after: is ? 'definer' : 'invoker',
      place: pair.place,
    });
}

/** What only reads, and what may write; how steady it is besides is the planner's alone. */
function tellVolatility(
  [before, after]: readonly [Overload, Overload],
  { title, subject, roles, place }: FunctionPair,
  { tell }: Comparison,
): void {
  const [was, is] = [before.routine.volatility === 'volatile', after.routine.volatility === 'volatile'];
  if (was === is) return;
  tell('function-volatility-changed', {
    subject,
    roles,
    sentence: is
      ? say`${title} ${strong('may write')}: it answers no GET, and is a mutation in GraphQL, where it was a query.`
      : say`${title} ${strong('only reads')}: it is a query in GraphQL, where it was a mutation.`,
    hint: is ? 'declare it STABLE if it only reads' : 'leave it VOLATILE until callers ask by query',
    before: before.routine.volatility,
    after: after.routine.volatility,
    place,
  });
}

/** Overloads can make that a function has no form in GraphQL. */
function tellForm({ base, head, title, subject, roles, place }: FunctionPair, { tell }: Comparison): void {
  const [before, after] = [functionForm(base).kind, functionForm(head).kind];
  if ((before === 'field') === (after === 'field')) return;
  const isLost = before === 'field';
  tell(isLost ? 'graphql-name-lost' : 'graphql-name-gained', {
    subject,
    roles,
    sentence: isLost
      ? say`${title} is ${strong('left out of GraphQL')}: there it is one field with one type, called by the names of its arguments.`
      : say`${title} is in GraphQL, and was left out.`,
    hint: isLost ? 'give the other overload a name of its own' : undefined,
    place,
  });
}
