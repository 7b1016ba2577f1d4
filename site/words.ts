/**
 * Conditions of grants as sentences that people read: "customer.country is FR or published is true". What the role may
 * not see is never named in them, nor is what it is compared with. Pure; no markup.
 */
import type { Column, Condition, Edge, SetValue, Value } from '../engine/index.ts';
import { between, code, text, type Word, type Words } from './document.ts';
import type { Sight } from './sight.ts';

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

/** All that is said of a condition by which the role knows nothing. */
const rule: Word = text('a rule of the project lets the row through');

/** The condition in words, from the table's own point of view, as a role with this sight may read it. */
export function conditionWords(condition: Condition, sight: Sight): Words {
  return new Speaker(sight).say(condition, []);
}

/** What `set:` writes, in words. */
export function setWords(value: SetValue): Words {
  return valueWords(value);
}

class Speaker {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  /** `path`: the to-one relationships walked so far. */
  say(condition: Condition, path: readonly string[]): Words {
    switch (condition.kind) {
      case 'true':
        return [text('always')];
      case 'false':
        return [text('never')];
      case 'and':
      case 'or':
        return this.#several(condition, path);
      case 'not': {
        const inner = this.say(condition.of, path);
        return isRule(inner) ? inner : [text('not '), ...inBrackets(inner)];
      }
      case 'compare':
        return this.#comparison(condition.column, condition.operator, condition.value, path);
      case 'compareColumns':
        if (!this.#sight.reads(condition.column) || !this.#sight.reads(condition.other)) return [rule];
        return [
          columnWord(condition.column, path),
          text(` ${columnWise.get(condition.operator)} `),
          columnWord(condition.other, path),
        ];
      case 'related':
        return this.#related(condition.edge, condition.where, path);
      case 'aggregate':
        return this.#count(condition, path);
      case 'exists':
        if (!this.#sight.readsTable(condition.table)) return [rule];
        return this.#among([text('there is a row of '), code(condition.table.name)], condition.where);
      case 'guarded':
      case 'fenced':
        return this.say(condition.of, path);
      default:
        return condition satisfies never;
    }
  }

  /** What cannot be said is said once. */
  #several(condition: Condition & { kind: 'and' | 'or' }, path: readonly string[]): Words {
    const parts = condition.of.map((one) => ({ one, words: this.say(one, path) }));
    const told = parts.filter(({ words }) => !isRule(words));
    if (told.length === 0) return [rule];
    const clear = told.map(({ one, words }) => bracketed(one, words, condition.kind));
    return between([...clear, ...(told.length < parts.length ? [[rule]] : [])], text(` ${condition.kind} `));
  }

  #related(edge: Edge, where: Condition, path: readonly string[]): Words {
    if (!this.#sight.follows(edge)) return [rule];
    if (edge.kind === 'one' && where.kind !== 'true') return this.say(where, [...path, edge.name]);
    const name = code(walk(path, edge.name));
    if (where.kind === 'true') return [text(edge.kind === 'one' ? 'there is a ' : 'there are '), name];
    const inner = this.say(where, []);
    return isRule(inner) ? inner : [text('some row of '), name, text(' has '), ...inner];
  }

  #count(condition: Condition & { kind: 'aggregate' }, path: readonly string[]): Words {
    const { edge, columns, distinct, where, compare } = condition;
    if (!this.#sight.follows(edge) || !columns.every((column) => this.#sight.reads(column))) return [rule];
    const counted = this.#among(
      [text(distinct ? 'the number of different ' : 'the number of '), code(walk(path, edge.name))],
      where,
    );
    if (isRule(counted)) return counted;
    const compared = compare.map(({ operator, value }) => [
      text(` ${binary.get(operator) ?? operator} `),
      ...(value === undefined ? [] : valueWords(value)),
    ]);
    return [...counted, ...between(compared, text(' and'))];
  }

  #among(rows: Words, where: Condition): Words {
    if (where.kind === 'true') return rows;
    const inner = this.say(where, []);
    return isRule(inner) ? inner : [...rows, text(' where '), ...inBrackets(inner)];
  }

  #comparison(column: Column, operator: string, value: Value | undefined, path: readonly string[]): Words {
    if (!this.#sight.knows(column)) return [rule];
    const subject = columnWord(column, path);
    if (!this.#sight.reads(column)) return [subject, text(' meets a rule of the project')];
    if (value === undefined) return [subject, text(` ${unary.get(operator) ?? operator}`)];
    return [subject, text(` ${binary.get(operator) ?? operator} `), ...valueWords(value)];
  }
}

function isRule(words: Words): boolean {
  return words.length === 1 && words[0] === rule;
}

function valueWords(value: Value): Words {
  switch (value.kind) {
    case 'claim':
      return [text('the token’s '), { kind: 'claim', text: value.path.join('.') }];
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
    return between(
      constant.map((one) => constantWords(one, family)),
      text(', '),
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

function bracketed(condition: Condition, words: Words, within: 'and' | 'or'): Words {
  const inner = condition.kind === 'related' && condition.edge.kind === 'one' ? condition.where : condition;
  const clear = (inner.kind !== 'and' && inner.kind !== 'or') || inner.kind === within || inner.of.length < 2;
  return clear ? words : inBrackets(words);
}

function inBrackets(words: Words): Words {
  return [text('('), ...words, text(')')];
}
