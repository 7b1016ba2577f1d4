/** Conditions of grants as sentences that people read: "customer.country is FR or published is true". Pure; no markup. */
import type { Column, Condition, Edge, SetValue, Value } from '../engine/index.ts';

/** A run of text. `code`: a name or a value, to be set apart; it is never markup. */
export interface Word {
  readonly kind: 'text' | 'code';
  readonly text: string;
}
export type Words = readonly Word[];

const binary: ReadonlyMap<string, string> = new Map([
  ['eq', 'is'],
  ['neq', 'is not'],
  ['gt', 'is more than'],
  ['gte', 'is at least'],
  ['lt', 'is less than'],
  ['lte', 'is at most'],
  ['in', 'is one of'],
  ['nin', 'is none of'],
  ['isDistinct', 'is distinct from'],
  ['like', 'is like'],
  ['nlike', 'is not like'],
  ['ilike', 'is like (in any case)'],
  ['nilike', 'is not like (in any case)'],
  ['similar', 'is similar to'],
  ['nsimilar', 'is not similar to'],
  ['regex', 'matches'],
  ['nregex', 'does not match'],
  ['iregex', 'matches (in any case)'],
  ['niregex', 'does not match (in any case)'],
  ['contains', 'contains'],
  ['containedIn', 'is contained in'],
  ['hasKey', 'has the key'],
  ['hasKeysAny', 'has one of the keys'],
  ['hasKeysAll', 'has all the keys'],
  ['overlaps', 'overlaps'],
]);
const unary: ReadonlyMap<string, string> = new Map([
  ['isNull', 'is empty'],
  ['isNotNull', 'is not empty'],
  ['isTrue', 'is true'],
  ['isFalse', 'is false'],
  ['isUnknown', 'is unknown'],
]);
const columnWise: ReadonlyMap<string, string> = new Map([
  ['_ceq', 'equals'],
  ['_cneq', 'differs from'],
  ['_cgt', 'is more than'],
  ['_cgte', 'is at least'],
  ['_clt', 'is less than'],
  ['_clte', 'is at most'],
]);

/** A policy may read hidden columns; its reader learns neither their names nor what they are compared with. */
const internal: Words = [{ kind: 'text', text: 'an internal condition holds' }];

/** The condition in words, from the table's own point of view. A hidden column in it is never named. */
export function conditionWords(condition: Condition): Words {
  return say(condition, []);
}

/** What `set:` writes, in words. */
export function setWords(value: SetValue): Words {
  return valueWords(value);
}

/** `path`: the to-one relationships walked so far. */
function say(condition: Condition, path: readonly string[]): Words {
  switch (condition.kind) {
    case 'true':
      return [text('always')];
    case 'false':
      return [text('never')];
    case 'and':
    case 'or':
      return join(
        condition.of.map((one) => bracketed(one, condition.kind, path)),
        condition.kind,
      );
    case 'not':
      return [text('not '), ...inBrackets(say(condition.of, path))];
    case 'compare':
      return sayComparison(condition.column, condition.operator, condition.value, path);
    case 'compareColumns':
      if (condition.column.hidden || condition.other.hidden) return internal;
      return [
        columnWord(condition.column, path),
        text(` ${columnWise.get(condition.operator)} `),
        columnWord(condition.other, path),
      ];
    case 'related':
      return sayRelated(condition.edge, condition.where, path);
    case 'aggregate':
      return [
        text(condition.distinct ? 'the number of different ' : 'the number of '),
        code(walk(path, condition.edge.name)),
        ...(condition.where.kind === 'true'
          ? []
          : [text(' where '), ...inBrackets(say(condition.where, []))]),
        ...join(
          condition.compare.map((one) => [
            text(` ${binary.get(one.operator) ?? one.operator} `),
            ...(one.value === undefined ? [] : valueWords(one.value)),
          ]),
          'and',
        ),
      ];
    case 'exists':
      return [
        text('there is a row of '),
        code(condition.table.name),
        ...(condition.where.kind === 'true'
          ? []
          : [text(' where '), ...inBrackets(say(condition.where, []))]),
      ];
    case 'guarded':
    case 'fenced':
      return say(condition.of, path);
    default:
      return condition satisfies never;
  }
}

function sayRelated(edge: Edge, where: Condition, path: readonly string[]): Words {
  if (edge.kind === 'one' && where.kind !== 'true') return say(where, [...path, edge.name]);
  const name = code(walk(path, edge.name));
  if (where.kind === 'true') return [text(edge.kind === 'one' ? 'there is a ' : 'there are '), name];
  return [text('some row of '), name, text(' has '), ...say(where, [])];
}

function sayComparison(
  column: Column,
  operator: string,
  value: Value | undefined,
  path: readonly string[],
): Words {
  if (column.hidden) return internal;
  const subject = columnWord(column, path);
  if (value === undefined) return [subject, text(` ${unary.get(operator) ?? operator}`)];
  return [subject, text(` ${binary.get(operator) ?? operator} `), ...valueWords(value)];
}

function valueWords(value: Value): Words {
  switch (value.kind) {
    case 'claim':
      return [text('the token’s '), code(value.path.join('.'))];
    case 'now':
      return [text('the present time')];
    case 'constant':
      return constantWords(value.text, value.type.family);
    case 'slot':
      return [text('the value given')];
    default:
      return value satisfies never;
  }
}

function constantWords(constant: string | null | readonly (string | null)[], family: string): Words {
  if (constant === null) return [text('empty')];
  if (typeof constant !== 'string') {
    if (constant.length === 0) return [text('nothing')];
    return join(
      constant.map((one) => constantWords(one, family)),
      'comma',
    );
  }
  if (family === 'boolean') return [code(constant === 't' ? 'true' : constant === 'f' ? 'false' : constant)];
  return [code(constant)];
}

function columnWord(column: Column, path: readonly string[]): Word {
  return code(walk(path, column.name));
}

function walk(path: readonly string[], name: string): string {
  return [...path, name].join('.');
}

function bracketed(condition: Condition, within: 'and' | 'or', path: readonly string[]): Words {
  const words = say(condition, path);
  const inner = condition.kind === 'related' && condition.edge.kind === 'one' ? condition.where : condition;
  const clear = (inner.kind !== 'and' && inner.kind !== 'or') || inner.kind === within || inner.of.length < 2;
  return clear ? words : inBrackets(words);
}

function inBrackets(words: Words): Words {
  return [text('('), ...words, text(')')];
}

function join(parts: readonly Words[], by: 'and' | 'or' | 'comma'): Words {
  const between = by === 'comma' ? ', ' : ` ${by} `;
  return parts.flatMap((part, index) => (index === 0 ? part : [text(between), ...part]));
}

function text(value: string): Word {
  return { kind: 'text', text: value };
}

function code(value: string): Word {
  return { kind: 'code', text: value };
}
