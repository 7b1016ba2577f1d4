/** Questions and changes as REST and GraphQL have them: a path with its headers and body, or a document with variables. */
import type { Change } from './change.ts';
import { type Predicate, toYaml } from './predicate.ts';
import type { Level, Order, Question, Summary, Term } from './question.ts';
import type { Json, Row } from './schema.ts';

export type Wire =
  | {
      readonly surface: 'rest';
      readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Json | undefined;
    }
  | {
      readonly surface: 'graphql';
      readonly query: string;
      readonly variables: Readonly<Record<string, Json>>;
    };

type Parameters = readonly (readonly [string, string])[];

export function questionToRest(question: Question): Wire {
  const get = (path: string, parameters: Parameters, headers: Record<string, string> = {}): Wire => ({
    surface: 'rest',
    method: 'GET',
    path: pathOf(path, parameters),
    headers,
    body: undefined,
  });
  switch (question.kind) {
    case 'list': {
      const { level, count } = question;
      const parameters: Parameters = [['select', selectOf(level)], ...parametersOf(level, '')];
      return get(level.table.name, parameters, count ? { prefer: 'count=exact' } : {});
    }
    case 'one': {
      const { level, id } = question;
      return get(`${level.table.name}/${id}`, [['select', selectOf(level)], ...parametersOf(level, '')]);
    }
    case 'groups': {
      const { summary, by } = question;
      const select = [...by, ...summary.functions.map(termToRest)].join(',');
      return get(summary.table.name, [['select', select], ...filterParameter(summary.where, '')]);
    }
    case 'summary':
      throw new Error('REST has no such question.');
    default:
      return question satisfies never;
  }
}

function pathOf(path: string, parameters: Parameters): string {
  return `/${path}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

function termToRest({ alias, function: name, column }: Term): string {
  return `${alias}:${column === undefined ? '' : `${column}.`}${name}()`;
}

export function selectOf({ columns, embeds }: Level): string {
  const embedded = embeds.map(({ alias, edge, of }) => {
    if (of.kind !== 'rows') throw new Error('REST has no such part.');
    return `${alias}:${edge.name}${of.inner ? '!inner' : ''}(${selectOf(of.level)})`;
  });
  return [...columns, ...embedded].join(',');
}

/** @param at where the level stands: empty, or `e0.e1.` */
function parametersOf({ where, order, limit, offset, embeds }: Level, at: string): Parameters {
  return [
    ...filterParameter(where, at),
    ...(order.length === 0 ? [] : [[`${at}order`, order.map(orderToRest).join(',')] as const]),
    ...(limit === undefined ? [] : [[`${at}limit`, String(limit)] as const]),
    ...(offset === undefined ? [] : [[`${at}offset`, String(offset)] as const]),
    ...embeds.flatMap(({ alias, of }) =>
      of.kind === 'rows' ? parametersOf(of.level, `${at}${alias}.`) : [],
    ),
  ];
}

export function filterParameter(where: Predicate | undefined, at: string): Parameters {
  if (where === undefined || (where.kind === 'and' && where.of.length === 0)) return [];
  return [[`${at}and`, `(${toRest(where)})`]];
}

function orderToRest({ column, direction, nulls }: Order): string {
  return `${column}.${direction}${nulls === null ? '' : `.nulls${nulls}`}`;
}

/** An element of `and=(…)`. */
function toRest(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return `${predicate.kind}(${predicate.of.map(toRest).join(',')})`;
    case 'not':
      return `not.and(${toRest(predicate.of)})`;
    case 'null':
      return `${predicate.column.name}.${predicate.is ? '' : 'not.'}is.null`;
    case 'compare':
    case 'among': {
      const { column, operator, operand } = predicate;
      if (operand.kind === 'claim') throw new Error('A caller has no claims to ask by.');
      // PostgREST reads a list of one empty text as a list of nothing.
      if (predicate.kind === 'among' && (operand.value as readonly Json[]).every((one) => one === ''))
        return `${column.name}.${operator === 'in' ? 'eq' : 'neq'}.""`;
      const negated = /^n(?!eq)/.test(operator);
      const name = negated ? operator.slice(1) : operator;
      const value =
        predicate.kind === 'among'
          ? `(${(operand.value as readonly Json[]).map(quoted).join(',')})`
          : quoted(operand.value);
      return `${column.name}.${negated ? 'not.' : ''}${name}.${value}`;
    }
    case 'contains':
      return `${predicate.column.name}.cs.${quoted(JSON.stringify(predicate.value))}`;
    case 'hasKey':
    case 'columns':
    case 'related':
    case 'exists':
    case 'count':
      throw new Error('REST has no such filter.');
    default:
      return predicate satisfies never;
  }
}

function quoted(value: Json): string {
  return `"${String(value).replace(/[\\"]/g, '\\$&')}"`;
}

export function questionToGraphql(question: Question): Wire {
  const { parts, text } = new Document();
  const field = (name: string, given: readonly string[], selection: string) =>
    `answer: ${name}${given.length === 0 ? '' : `(${given.join(', ')})`} ${selection}`;
  switch (question.kind) {
    case 'list': {
      const { level } = question;
      return text('query', field(level.table.name, parts(level), fieldsOf(level, parts)));
    }
    case 'one': {
      const { level, id } = question;
      return text('query', field(`${level.table.name}_by_pk`, [`id: ${id}`], fieldsOf(level, parts)));
    }
    case 'groups': {
      const { summary, by } = question;
      const { table, functions } = summary;
      const given = [`keys: [${by.join(', ')}]`, ...parts({ table, where: summary.where })];
      const keys = by.length === 0 ? '' : `keys { ${by.join(' ')} } `;
      const selection = `{ ${keys}aggregate ${functionsOf(functions)} }`;
      return text('query', field(`${table.name}_group_by`, given, selection));
    }
    case 'summary': {
      const { summary, nodes } = question;
      const selection = `{ aggregate ${functionsOf(summary.functions)} nodes ${fieldsOf(nodes, parts)} }`;
      return text('query', field(`${summary.table.name}_aggregate`, parts(summary), selection));
    }
    default:
      return question satisfies never;
  }
}

type Page = Partial<Level> & Pick<Summary, 'table'>;
type Parts = (page: Page) => readonly string[];

/** Conditions are variables, so that their values are read as those of clients are. */
class Document {
  readonly #heads: string[] = [];
  readonly #variables: Record<string, Json> = {};

  variable(type: string, value: Json): string {
    const name = `v${this.#heads.length}`;
    this.#heads.push(`$${name}: ${type}`);
    this.#variables[name] = value;
    return `$${name}`;
  }

  readonly parts: Parts = ({ table, where, order, limit, offset }) => [
    ...(where === undefined
      ? []
      : [`where: ${this.variable(`${table.name}_bool_exp`, toYaml(where) as Json)}`]),
    ...(order === undefined || order.length === 0
      ? []
      : [`order_by: [${order.map(orderToGraphql).join(', ')}]`]),
    ...(limit === undefined ? [] : [`limit: ${limit}`]),
    ...(offset === undefined ? [] : [`offset: ${offset}`]),
  ];

  readonly text = (kind: 'query' | 'mutation', field: string): Wire => ({
    surface: 'graphql',
    query: `${kind}${this.#heads.length === 0 ? '' : ` (${this.#heads.join(', ')})`} { ${field} }`,
    variables: this.#variables,
  });
}

function orderToGraphql({ column, direction, nulls }: Order): string {
  return `{ ${column}: ${direction}${nulls === null ? '' : `_nulls_${nulls}`} }`;
}

function fieldsOf({ columns, embeds }: Level, parts: Parts): string {
  const embedded = embeds.map(({ alias, edge, of }) => {
    const page = of.kind === 'rows' ? of.level : of.summary;
    const given = edge.many ? parts(page) : [];
    const name = of.kind === 'rows' ? edge.name : `${edge.name}_aggregate`;
    const selection =
      of.kind === 'rows' ? fieldsOf(of.level, parts) : `{ aggregate ${functionsOf(of.summary.functions)} }`;
    return `${alias}: ${name}${given.length === 0 ? '' : `(${given.join(', ')})`} ${selection}`;
  });
  return `{ ${[...columns, ...embedded].join(' ')} }`;
}

/** A function of a column stands under `value`, which `flat` takes away again. */
function functionsOf(terms: readonly Term[]): string {
  const each = terms.map(({ alias, function: name, column, distinct }) => {
    if (name !== 'count') return `${alias}: ${name} { value: ${column} }`;
    const given = column === undefined ? '' : `(columns: [${column}]${distinct ? ', distinct: true' : ''})`;
    return `${alias}: count${given}`;
  });
  return `{ ${each.join(' ')} }`;
}

/** An answer of GraphQL in the form that the oracle has: values of functions as they are. */
export function flat(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(flat);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value) as readonly (readonly [string, Json])[];
  if (entries.length === 1 && entries[0]![0] === 'value') return entries[0]![1];
  return Object.fromEntries(entries.map(([name, one]) => [name, flat(one)]));
}

/** Groups with their keys beside their functions. */
export function flatGroups(groups: readonly Row[]): Json {
  return groups.map(({ keys, aggregate }) => ({ ...(keys as Row), ...(flat(aggregate!) as Row) }));
}

export function changeToRest(change: Change): Wire {
  const { table, returning } = change;
  const parameters: (readonly [string, string])[] =
    returning === undefined ? [] : [['select', selectOf(returning)]];
  const prefer = [`return=${returning === undefined ? 'minimal' : 'representation'}`];
  const send = (method: 'POST' | 'PATCH' | 'DELETE', body: Json | undefined): Wire => ({
    surface: 'rest',
    method,
    path: pathOf(table.name, parameters),
    headers: { prefer: prefer.join(', ') },
    body,
  });
  switch (change.kind) {
    case 'insert': {
      const { rows, conflict, single } = change;
      if (conflict !== undefined) {
        prefer.push(`resolution=${conflict === 'merge' ? 'merge' : 'ignore'}-duplicates`);
        parameters.push(['on_conflict', table.key.join(',')]);
      }
      return send('POST', single ? rows[0]! : rows);
    }
    case 'update':
      parameters.push(...filterParameter(change.where, ''));
      return send('PATCH', change.row);
    case 'delete':
      parameters.push(...filterParameter(change.where, ''));
      return send('DELETE', undefined);
    default:
      return change satisfies never;
  }
}

export function changeToGraphql(change: Change): Wire {
  const { table, returning } = change;
  const document = new Document();
  const { parts, text } = document;
  const selection = `{ affected_rows${returning === undefined ? '' : ` returning ${fieldsOf(returning, parts)}`} }`;
  const mutation = (name: string, given: readonly string[]) =>
    text('mutation', `answer: ${name}_${table.name}(${given.join(', ')}) ${selection}`);
  switch (change.kind) {
    case 'insert': {
      const objects = `objects: ${document.variable(`[${table.name}_insert_input!]!`, change.rows)}`;
      if (change.conflict === undefined) return mutation('insert', [objects]);
      const given = Object.keys(change.rows[0]!).filter((name) => !table.key.includes(name));
      const update = change.conflict === 'merge' ? given : [];
      const on = `{ columns: [${table.key.join(', ')}], update_columns: [${update.join(', ')}] }`;
      return mutation('insert', [objects, `on_conflict: ${on}`]);
    }
    case 'update':
      return mutation('update', [
        reachedBy(change, document),
        `_set: ${document.variable(`${table.name}_set_input`, change.row)}`,
      ]);
    case 'delete':
      return mutation('delete', [reachedBy(change, document)]);
    default:
      return change satisfies never;
  }
}

/** All rows, where the document itself says so. */
function reachedBy({ table, where }: Exclude<Change, { kind: 'insert' }>, document: Document): string {
  if (where.kind === 'and' && where.of.length === 0) return 'where: {}';
  return `where: ${document.variable(`${table.name}_bool_exp!`, toYaml(where))}`;
}
