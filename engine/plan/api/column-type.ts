/** What has become of the type of a column: for those who read it, who write it, and in GraphQL. Pure. */
import { names, type Sentence, say, strong } from '../sentence.ts';
import type { ColumnPair } from './columns.ts';
import { type Comparison, inYaml, type Told } from './comparison.ts';
import type { LabelChange } from './labels.ts';
import { compareTypes, type TypeChange } from './types.ts';

export function compareTypesOfColumn(pair: ColumnPair, comparison: Comparison): void {
  const { base, head, readers, writers } = pair;
  tellNull(pair, comparison);
  const change = compareTypes(base.type, head.type);
  if (change === undefined) return;
  const { tell } = comparison;
  if (change.labels !== undefined) tellLabels(change.labels, pair, comparison);
  const onlyWritten = writers.filter((role) => !readers.includes(role));
  const told = (sentence: Sentence) => toldOf(pair, change, sentence);
  const hint = 'add a column of the new type beside it, move callers, then remove this one';
  switch (change.values) {
    case 'other':
      tell('response-property-type-changed', { ...told(was(pair, change)), hint, roles: readers });
      tell('request-property-type-changed', { ...told(was(pair, change)), hint, roles: onlyWritten });
      return;
    case 'narrower':
      tell('request-property-type-changed', { ...told(fewer(pair, change)), hint, roles: writers });
      if (writers.length === 0)
        tell('response-property-type-specialized', { ...told(was(pair, change)), roles: readers });
      break;
    case 'wider':
      tell('response-property-type-generalized', { ...told(more(pair, change)), roles: readers });
      tell('request-property-type-generalized', { ...told(was(pair, change)), roles: onlyWritten });
      break;
    case 'same':
      break;
    default:
      change.values satisfies never;
  }
  tellScalar(pair, change, comparison);
}

function tellScalar(pair: ColumnPair, { scalars }: TypeChange, { tell }: Comparison): void {
  if (scalars === undefined || pair.base.graphql === null || pair.head.graphql === null) return;
  const [before, after] = scalars;
  tell('graphql-type-changed', {
    subject: { table: pair.headTable.name, column: pair.head.name },
    roles: pair.both,
    sentence: say`${pair.title} ${strong('is another scalar')} in GraphQL: ${after}, and was ${before}.`,
    hint: 'change the variables of operations that give it a value; those without such variables go on',
    before,
    after,
    place: placeOf(pair),
  });
}

function toldOf(pair: ColumnPair, { before, after }: TypeChange, sentence: Sentence): Omit<Told, 'roles'> {
  return {
    subject: { table: pair.headTable.name, column: pair.head.name },
    sentence,
    before,
    after,
    place: placeOf(pair),
  };
}

function was({ title }: ColumnPair, { before, after }: TypeChange): Sentence {
  return say`${title} ${strong('is')} ${after}, and was ${before}.`;
}

function more({ title }: ColumnPair, { before, after }: TypeChange): Sentence {
  return say`${title} is ${after}, and was ${before}: answers ${strong('may hold values')} that had no place in it.`;
}

function fewer({ title }: ColumnPair, { before, after }: TypeChange): Sentence {
  return say`${title} is ${after}, and was ${before}: writes of values that have no place in it ${strong('are refused')}.`;
}

/** `type:` of the language says another, or the database does. */
function placeOf({ base, head, headTable, place }: ColumnPair): Told['place'] {
  const isYaml = base.source.type.name === head.source.type.name && base.type.family !== head.type.family;
  return isYaml ? { path: ['tables', headTable.name, 'columns', head.column, 'type'] } : place;
}

function tellLabels(change: LabelChange, pair: ColumnPair, { tell }: Comparison): void {
  const { title, readers, writers, both, head, headTable, place } = pair;
  const told = { before: change.before, after: change.after, place };
  const subject = { table: headTable.name, column: head.name };
  if (change.gone.length > 0)
    tell('request-property-enum-value-removed', {
      ...told,
      subject: { ...subject, value: change.gone.join(', ') },
      roles: both,
      sentence: say`${title} ${strong('no longer takes')} ${names(change.gone, mostLabels)}.`,
      hint: 'keep the label until no row and no caller has it',
    });
  if (change.added.length > 0) {
    const sentence = say`${title} has the new ${[change.added.length === 1 ? 'value' : 'values']} ${names(change.added, mostLabels)}.`;
    const value = { ...subject, value: change.added.join(', ') };
    tell('response-property-enum-value-added', { ...told, subject: value, roles: readers, sentence });
    const roles = writers.filter((role) => !readers.includes(role));
    tell('request-property-enum-value-added', { ...told, subject: value, roles, sentence });
  }
  if (change.reordered)
    tell('enum-values-reordered', {
      ...told,
      subject,
      roles: readers,
      sentence: say`${title} has its values in ${strong('another order')}, by which rows are ordered and compared.`,
    });
}

const mostLabels = 6;

/** What those who write meet is told with what they must give (column-write.ts). */
function tellNull(
  { base, head, headTable, title, readers, writers, place }: ColumnPair,
  { tell }: Comparison,
): void {
  if (base.nullable === head.nullable) return;
  const told = { subject: { table: headTable.name, column: head.name }, place };
  if (head.nullable) {
    const sentence = say`${title} ${strong('may be null')}, and was never.`;
    tell('response-property-became-nullable', { ...told, roles: readers, sentence });
    const roles = writers.filter((role) => !readers.includes(role));
    tell('request-property-became-nullable', { ...told, roles, sentence: say`${title} takes null.` });
  } else if (writers.length === 0)
    tell('response-property-became-not-nullable', {
      ...told,
      roles: readers,
      sentence: say`${title} is never null any more.`,
      place: inYamlIfComputed(base, place),
    });
}

function inYamlIfComputed({ routine }: ColumnPair['base'], place: Told['place']): Told['place'] {
  return routine === undefined ? place : inYaml(place);
}
