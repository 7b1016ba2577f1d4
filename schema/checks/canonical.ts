/** A predicate or an operand as a text that is the same for what means the same, whatever the order of writing. Pure. */
import type { Literal, Operand, Predicate } from '../predicate.ts';

export function canonical(value: Predicate | Operand): string {
  switch (value.kind) {
    case 'and':
    case 'or':
      return joined(value.kind, value.of);
    case 'not':
      return `not(${canonical(value.of)})`;
    case 'exists':
      return `exists ${quote(value.table)}(${canonical(value.where)})`;
    case 'compare':
      return `${quote(value.column)} ${value.operator} ${canonical(value.operand)}`;
    case 'compareColumns':
      return `${quote(value.column)} ${value.operator} ${quote(value.other)}`;
    case 'name':
      return quote(value.name);
    case 'related':
      return `through ${quote(value.relationship)}(${canonical(value.where)})`;
    case 'aggregate': {
      const compare = value.compare
        .map(({ operator, operand }) => `${operator} ${canonical(operand)}`)
        .sort();
      const filter = value.filter ? canonical(value.filter) : '';
      const columns = value.columns.map(quote).join();
      return `count ${quote(value.relationship)}(${columns};${value.distinct};${filter};${compare.join()})`;
    }
    case 'literal':
      return text(value.value);
    case 'claim':
      return `$jwt${value.path.map((key) => `[${quote(key)}]`).join('')}`;
    case 'now':
      return '$now';
    default:
      return value satisfies never;
  }
}

/** What must all hold: the parts of an `and`, at any depth; otherwise the predicate itself. */
export function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.of.flatMap(conjuncts) : [predicate];
}

function joined(kind: 'and' | 'or', of: readonly Predicate[]): string {
  const parts = kind === 'and' ? of.flatMap(conjuncts) : of;
  const texts = [...new Set(parts.map(canonical))].sort();
  return texts.length === 1 ? texts[0]! : `${kind}(${texts.join()})`;
}

function text(value: Literal): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${quote(key)}:${text(item)}`).join()}}`;
  }
  return typeof value === 'string' ? quote(value) : String(value);
}

function quote(name: string): string {
  return JSON.stringify(name);
}
