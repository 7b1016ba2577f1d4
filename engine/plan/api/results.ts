/** What a function gives: its shape, its columns, and the types of them. Pure. */
import type { CallResult, Overload } from '../../api/api.ts';
import type { Type } from '../../catalog/catalog.ts';
import { typeText } from '../../catalog/type.ts';
import { names, say, strong } from '../sentence.ts';
import type { Comparison, Told } from './comparison.ts';
import type { FunctionPair } from './functions.ts';
import { compareTypes } from './types.ts';

export function compareResults(
  [before, after]: readonly [Overload, Overload],
  pair: FunctionPair,
  comparison: Comparison,
): void {
  const [one, other] = [before.result, after.result];
  if (!isOneShape(one, other, comparison)) {
    const [was, is] = [shapeOf(one), shapeOf(other)];
    comparison.tell('response-body-type-changed', {
      subject: pair.subject,
      roles: pair.roles,
      sentence: say`${pair.title} ${strong('gives')} ${[is]}, and gave ${[was]}.`,
      hint: 'add a function of another name instead',
      before: was,
      after: is,
      place: pair.place,
    });
  } else if (one.kind === 'scalar' && other.kind === 'scalar')
    compareValue([one.type, other.type], pair, comparison);
  else if (one.kind === 'rows' && other.kind === 'rows' && !one.exposed)
    compareColumns(one, other, pair, comparison);
}

/** Rows of a table are those of the same table still, whatever it is called; what its columns are is told there. */
function isOneShape(one: CallResult, other: CallResult, { tableOf }: Comparison): boolean {
  switch (one.kind) {
    case 'void':
    case 'records':
      return other.kind === one.kind;
    case 'scalar':
      return other.kind === 'scalar' && other.set === one.set;
    case 'rows':
      if (other.kind !== 'rows' || other.set !== one.set || other.exposed !== one.exposed) return false;
      return !one.exposed || tableOf.get(one.table) === other.table;
    default:
      return one satisfies never;
  }
}

function shapeOf(result: CallResult): string {
  switch (result.kind) {
    case 'void':
      return 'nothing';
    case 'records':
      return 'rows that only the call tells';
    case 'scalar':
      return result.set ? `values of ${typeText(result.type)}` : `one ${typeText(result.type)}`;
    case 'rows': {
      const many = result.set ? 'rows' : 'one row';
      return result.exposed ? `${many} of ${result.table.name}` : `${many} of its own`;
    }
    default:
      return result satisfies never;
  }
}

/** @param column of its rows; undefined: it is the whole */
function compareValue(
  [one, other]: readonly [Type, Type],
  pair: FunctionPair,
  comparison: Comparison,
  column?: string,
): void {
  const change = compareTypes(one, other);
  if (change === undefined) return;
  const { before, after, values, labels, scalars } = change;
  const what =
    column === undefined ? say`What ${pair.name} gives` : say`${column} of what ${pair.name} gives`;
  const subject = column === undefined ? pair.subject : { ...pair.subject, column };
  const told: Omit<Told, 'sentence'> = { subject, roles: pair.roles, before, after, place: pair.place };
  const sentence = say`${what} ${strong('is')} ${after}, and was ${before}.`;
  if (labels !== undefined && labels.added.length > 0)
    comparison.tell('response-property-enum-value-added', {
      ...told,
      subject: { ...subject, value: labels.added.join(', ') },
      sentence: say`${what} ${strong('may be')} ${names(labels.added, 6)} too.`,
    });
  if (values === 'other')
    comparison.tell('response-body-type-changed', {
      ...told,
      sentence,
      hint: 'add a function of another name instead',
    });
  else if (scalars !== undefined && column !== undefined)
    comparison.tell('graphql-type-changed', {
      ...told,
      sentence: say`${what} ${strong('is another scalar')} in GraphQL: ${scalars[1]}, and was ${scalars[0]}.`,
      hint: 'change the variables of operations that filter by it',
      before: scalars[0],
      after: scalars[1],
    });
  else if (values === 'wider' || scalars !== undefined)
    comparison.tell('response-body-type-generalized', { ...told, sentence });
  else if (values === 'narrower' || labels?.gone.length)
    comparison.tell('response-body-type-specialized', { ...told, sentence });
}

type Rows = Extract<CallResult, { kind: 'rows' }>;

function compareColumns(one: Rows, other: Rows, pair: FunctionPair, comparison: Comparison): void {
  const { subject, roles, place, title } = pair;
  for (const [name, { type }] of one.table.columns) {
    const now = other.table.columns.get(name);
    if (now !== undefined) compareValue([type, now.type], pair, comparison, name);
    else
      comparison.tell('result-column-removed', {
        subject: { ...subject, column: name },
        roles,
        sentence: say`${title} ${strong('no longer gives')} ${name}.`,
        hint: 'give it as null until no caller asks for it',
        before: typeText(type),
        place,
      });
  }
  for (const [name, { type }] of other.table.columns)
    if (!one.table.columns.has(name))
      comparison.tell('result-column-added', {
        subject: { ...subject, column: name },
        roles,
        sentence: say`${title} gives ${name} too.`,
        after: typeText(type),
        place,
      });
}
