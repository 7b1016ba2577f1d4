/** What a function must be given, and may be. By name, since calls give arguments so; those without one by their place. Pure. */
import type { Overload } from '../../api/api.ts';
import type { Argument } from '../../catalog/catalog.ts';
import { typeText } from '../../catalog/type.ts';
import { names, say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';
import type { FunctionPair } from './functions.ts';
import { compareTypes, type TypeChange } from './types.ts';

export function compareArguments(
  [before, after]: readonly [Overload, Overload],
  pair: FunctionPair,
  comparison: Comparison,
): void {
  const [olds, news] = [before.routine.arguments, after.routine.arguments];
  const now = new Map<Argument, Argument>();
  for (const one of olds) {
    const other = news.find(({ name }) => name !== null && name === one.name);
    if (other !== undefined) now.set(one, other);
  }
  const gone = () => olds.filter((one) => !now.has(one));
  const added = () => news.filter((one) => ![...now.values()].includes(one));
  for (const one of gone()) {
    const other = renamedTo(one, [olds, news], added());
    if (other === undefined) continue;
    now.set(one, other);
    if (one.name !== other.name) tellRenamed(one, other, pair, comparison);
  }
  for (const one of gone()) tellRemoved(one, pair, comparison);
  for (const one of added()) tellAdded(one, pair, comparison);
  for (const [one, other] of now) compareArgument(one, other, pair, comparison);
}

/** One of the same type in the same place. */
function renamedTo(
  one: Argument,
  [olds, news]: readonly [readonly Argument[], readonly Argument[]],
  free: readonly Argument[],
): Argument | undefined {
  const other = news[olds.indexOf(one)];
  if (other === undefined || !free.includes(other)) return undefined;
  return typeText(one.type) === typeText(other.type) || (one.name === null && other.name === null)
    ? other
    : undefined;
}

function titleOf({ name }: Argument): string {
  return name ?? '(without a name)';
}

function subjectOf({ subject }: FunctionPair, { name }: Argument) {
  return name === null ? subject : { ...subject, argument: name };
}

function tellRenamed(one: Argument, other: Argument, pair: FunctionPair, { tell }: Comparison): void {
  tell('argument-renamed', {
    subject: subjectOf(pair, one),
    roles: pair.roles,
    sentence: say`Argument ${titleOf(one)} of ${pair.name} is ${strong('renamed')} to ${titleOf(other)}.`,
    hint: 'keep the name, or add an overload with the new one',
    before: titleOf(one),
    after: titleOf(other),
    place: pair.place,
  });
}

function tellRemoved(one: Argument, pair: FunctionPair, { tell }: Comparison): void {
  tell('request-parameter-removed', {
    subject: subjectOf(pair, one),
    roles: pair.roles,
    sentence: say`Argument ${titleOf(one)} of ${pair.name} is ${strong('removed')}.`,
    hint: 'keep it, with a default, until no caller gives it',
    before: typeText(one.type),
    place: pair.place,
  });
}

function tellAdded(one: Argument, pair: FunctionPair, { tell }: Comparison): void {
  const told = {
    subject: subjectOf(pair, one),
    roles: pair.roles,
    after: typeText(one.type),
    place: pair.place,
  };
  if (one.optional)
    tell('new-optional-request-parameter', {
      ...told,
      sentence: say`Argument ${titleOf(one)} of ${pair.name} is new, and may be left out.`,
    });
  else
    tell('new-required-request-parameter', {
      ...told,
      sentence: say`Argument ${titleOf(one)} of ${pair.name} is new, and ${strong('must be given')}.`,
      hint: 'give it a default',
    });
}

function compareArgument(one: Argument, other: Argument, pair: FunctionPair, comparison: Comparison): void {
  const told = { subject: subjectOf(pair, other), roles: pair.roles, place: pair.place };
  if (one.optional && !other.optional)
    comparison.tell('request-parameter-became-required', {
      ...told,
      sentence: say`Argument ${titleOf(other)} of ${pair.name} ${strong('must be given')}, and could be left out.`,
      hint: 'keep its default',
    });
  if (!one.optional && other.optional)
    comparison.tell('request-parameter-became-optional', {
      ...told,
      sentence: say`Argument ${titleOf(other)} of ${pair.name} may be left out.`,
    });
  const change = compareTypes(one.type, other.type);
  if (change !== undefined) tellType(change, other, pair, comparison);
  else if (one.variadic !== other.variadic)
    comparison.tell('request-parameter-type-changed', {
      ...told,
      sentence: say`Argument ${titleOf(other)} of ${pair.name} ${strong(other.variadic ? 'takes a list of values' : 'takes no list of values any more')}.`,
      before: one.variadic ? 'variadic' : 'one value',
      after: other.variadic ? 'variadic' : 'one value',
    });
}

function tellType(change: TypeChange, one: Argument, pair: FunctionPair, { tell }: Comparison): void {
  const { before, after, values, labels, scalars } = change;
  const told = { subject: subjectOf(pair, one), roles: pair.roles, before, after, place: pair.place };
  const argument = say`Argument ${titleOf(one)} of ${pair.name}`;
  const sentence = say`${argument} ${strong('is')} ${after}, and was ${before}.`;
  if (labels !== undefined && labels.gone.length > 0)
    tell('request-parameter-enum-value-removed', {
      ...told,
      subject: { ...told.subject, value: labels.gone.join(', ') },
      sentence: say`${argument} ${strong('no longer takes')} ${names(labels.gone, 6)}.`,
    });
  if (labels !== undefined && labels.added.length > 0)
    tell('request-parameter-enum-value-added', {
      ...told,
      subject: { ...told.subject, value: labels.added.join(', ') },
      sentence: say`${argument} takes ${names(labels.added, 6)} too.`,
    });
  if (values === 'other' || values === 'narrower')
    tell('request-parameter-type-changed', {
      ...told,
      sentence,
      hint: 'add an overload of another name instead',
    });
  else if (scalars !== undefined)
    tell('graphql-argument-type-changed', {
      ...told,
      sentence: say`${argument} ${strong('is another scalar')} in GraphQL: ${scalars[1]}, and was ${scalars[0]}.`,
      hint: 'change the variables of operations that give it a value; REST takes what it took',
      before: scalars[0],
      after: scalars[1],
    });
  else if (values === 'wider') tell('request-parameter-type-generalized', { ...told, sentence });
}
