/** Policies as a person would write them: one line of YAML. Of what was written, and of what it was bound to. Pure. */
import type { Operand, Path, Predicate, ValueOperator } from '../../schema/predicate.ts';
import type { Condition, Operator, Value } from '../api/condition.ts';
import { operators } from '../api/operators.ts';

/** A scalar as it is to stand there, a list, or fields in order. */
type Node = string | readonly Node[] | { readonly fields: readonly (readonly [string, Node])[] };

export function predicateText(predicate: Predicate): string {
  return text(ofPredicate(predicate));
}

export function conditionText(condition: Condition): string {
  return text(ofCondition(condition));
}

/** `true`, `"5 o'clock"`, `$jwt.sub`, `$now`: as in YAML, quoted where it has to be. */
export function valueText(value: Value | undefined): string {
  return value === undefined ? 'null' : text(ofValue(value));
}

function ofPredicate(predicate: Predicate): Node {
  switch (predicate.kind) {
    case 'and':
      return both(predicate.of.map(ofPredicate));
    case 'or':
      return map('_or', predicate.of.map(ofPredicate));
    case 'not':
      return map('_not', ofPredicate(predicate.of));
    case 'exists':
      return exists(predicate.table, ofPredicate(predicate.where));
    case 'compare':
      return comparison(predicate.column, predicate.operator, ofOperand(predicate.operand));
    case 'compareColumns':
      return map(scalar(predicate.column), map(predicate.operator, scalar(predicate.other)));
    case 'name':
      return map(scalar(predicate.name), empty);
    case 'related':
      return map(scalar(predicate.relationship), ofPredicate(predicate.where));
    case 'aggregate':
      return count(
        predicate,
        predicate.filter && ofPredicate(predicate.filter),
        predicate.compare.map(({ operator, operand }) => [operator, ofOperand(operand)]),
      );
    default:
      return predicate satisfies never;
  }
}

function ofCondition(condition: Condition): Node {
  switch (condition.kind) {
    case 'true':
      return empty;
    case 'false':
      return map('_or', []);
    case 'and':
      return both(condition.of.map(ofCondition));
    case 'or':
      return map('_or', condition.of.map(ofCondition));
    case 'not':
      return map('_not', ofCondition(condition.of));
    case 'exists':
      return exists(condition.table.name, ofCondition(condition.where));
    case 'compare': {
      const { column, operator, value } = condition;
      if (operator === 'isNull' || operator === 'isNotNull')
        return map(scalar(column.column), map('_is_null', operator === 'isNull' ? 'true' : 'false'));
      return comparison(column.column, written.get(operator)!, ofValue(value!));
    }
    case 'compareColumns':
      return map(scalar(condition.column.column), map(condition.operator, scalar(condition.other.column)));
    case 'related':
      return map(scalar(condition.edge.name), ofCondition(condition.where));
    case 'aggregate':
      return count(
        {
          relationship: condition.edge.name,
          columns: condition.columns.map(({ column }) => column),
          distinct: condition.distinct,
        },
        condition.where.kind === 'true' ? undefined : ofCondition(condition.where),
        condition.compare.map(({ operator, value }) => [written.get(operator)!, ofValue(value!)]),
      );
    // A caller's alone: no policy has them.
    case 'fenced':
    case 'guarded':
      return ofCondition(condition.of);
    default:
      return condition satisfies never;
  }
}

const written: ReadonlyMap<Operator, ValueOperator> = new Map(
  Object.entries(operators).map(([name, operator]) => [operator, name as ValueOperator]),
);

const empty: Node = { fields: [] };

function map(key: string, value: Node): Node {
  return { fields: [[key, value]] };
}

/** One map, several comparisons of one column under its name; `_and` where a key would be there twice. */
function both(nodes: readonly Node[]): Node {
  const fields = new Map<string, Node>();
  for (const [key, value] of nodes.flatMap((node) => fieldsOf(node) ?? [])) {
    const before = fields.get(key);
    const merged = before === undefined ? value : together(before, value);
    if (merged === undefined) return map('_and', nodes);
    fields.set(key, merged);
  }
  return { fields: [...fields] };
}

/** `{ _gt: 1 }` and `{ _lt: 5 }`: operators alone, each once. */
function together(one: Node, other: Node): Node | undefined {
  const fields = [...(fieldsOf(one) ?? []), ...(fieldsOf(other) ?? [])];
  const keys = new Set(fields.map(([key]) => key));
  const areOperators = fieldsOf(one) !== undefined && fieldsOf(other) !== undefined;
  const isPlain = [...keys].every((key) => key in operators || key === '_is_null');
  return areOperators && isPlain && keys.size === fields.length ? { fields } : undefined;
}

function fieldsOf(node: Node): readonly (readonly [string, Node])[] | undefined {
  return typeof node === 'object' && 'fields' in node ? node.fields : undefined;
}

function comparison(column: string, operator: string, value: Node): Node {
  return map(scalar(column), operator === '_eq' && typeof value === 'string' ? value : map(operator, value));
}

function exists(table: string, where: Node): Node {
  return map('_exists', {
    fields: [
      ['table', scalar(table)],
      ['where', where],
    ],
  });
}

function count(
  {
    relationship,
    columns,
    distinct,
  }: { readonly relationship: string; readonly columns: readonly string[]; readonly distinct: boolean },
  filter: Node | undefined,
  compare: readonly (readonly [string, Node])[],
): Node {
  const fields: (readonly [string, Node])[] = [];
  if (columns.length > 0) fields.push(['arguments', columns.map(scalar)]);
  if (distinct) fields.push(['distinct', 'true']);
  if (filter !== undefined) fields.push(['filter', filter]);
  return map(
    scalar(`${relationship}_aggregate`),
    map('count', { fields: [...fields, ['predicate', { fields: compare }]] }),
  );
}

function ofOperand(operand: Operand): Node {
  switch (operand.kind) {
    case 'claim':
      return claim(operand.path);
    case 'now':
      return '$now';
    case 'literal':
      return ofLiteral(operand.value);
    default:
      return operand satisfies never;
  }
}

function ofLiteral(value: Extract<Operand, { kind: 'literal' }>['value']): Node {
  if (Array.isArray(value)) return value.map(ofLiteral);
  if (typeof value === 'object' && value !== null)
    return { fields: Object.entries(value).map(([key, item]) => [scalar(key), ofLiteral(item)]) };
  return typeof value === 'string' ? scalar(value) : String(value);
}

const numeric = ['integer', 'decimal', 'float'];

function ofValue(value: Value): Node {
  switch (value.kind) {
    case 'claim':
      return claim(value.path);
    case 'now':
      return '$now';
    case 'constant': {
      const { family } = value.type;
      const one = (item: string | null): string => {
        if (item === null) return 'null';
        if (family === 'boolean') return String(['1', 't', 'true'].includes(item));
        return numeric.includes(family) ? item : scalar(item);
      };
      return typeof value.text === 'object' && value.text !== null ? value.text.map(one) : one(value.text);
    }
    case 'slot':
      return '?';
    default:
      return value satisfies never;
  }
}

function claim(path: Path | readonly string[]): string {
  const plain = path.every((key) => /^[A-Za-z_][\w-]*$/.test(String(key)));
  if (plain) return `$jwt.${path.join('.')}`;
  return `'$jwt${path.map((key) => `[${JSON.stringify(key)}]`).join('')}'`;
}

/** Plain where YAML is certain to read it as this text. */
function scalar(value: string): string {
  const isPlain = /^[A-Za-z_][\w.-]*$/.test(value) && !/^(true|false|null|y|n|yes|no|on|off)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function text(node: Node): string {
  if (typeof node === 'string') return node;
  if ('fields' in node) {
    if (node.fields.length === 0) return '{}';
    return `{ ${node.fields.map(([key, value]) => `${key}: ${text(value)}`).join(', ')} }`;
  }
  return node.length === 0 ? '[]' : `[ ${node.map(text).join(', ')} ]`;
}
