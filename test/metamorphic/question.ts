/** One question in two languages: a path of REST and a document of GraphQL that ask for the same rows. */
import fc from 'fast-check';
import { type Condition, condition, toFilter, toWhere } from './condition.ts';
import { shapeOf, type TableName, tables } from './shelf.ts';

interface Level {
  readonly table: string;
  readonly columns: readonly string[];
  readonly where: Condition | null;
  readonly order: readonly Order[];
  readonly limit: number | null;
  readonly offset: number | null;
  readonly embeds: readonly Embed[];
}

interface Order {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | null;
}

interface Embed {
  /** Of the answer. */
  readonly alias: string;
  readonly link: string;
  readonly many: boolean;
  readonly level: Level;
}

export interface Question extends Level {
  /** Rows with a linked one that fulfils a condition. */
  readonly linked: { readonly link: string; readonly where: Condition } | null;
}

export const question: fc.Arbitrary<Question> = fc
  .constantFrom(...(Object.keys(tables) as TableName[]))
  .chain((table) => {
    const links = Object.entries(shapeOf(table).links);
    const linked = fc
      .constantFrom(...links)
      .chain(([link, { to }]) => condition(shapeOf(to).columns).map((where) => ({ link, where })));
    return fc
      .tuple(level(table, 2), fc.option(linked, { freq: 1 }))
      .map(([asked, one]) => ({ ...asked, linked: one }));
  });

function level(table: string, deep: number): fc.Arbitrary<Level> {
  const { columns, links } = shapeOf(table);
  const names = Object.keys(columns);
  const embeds: fc.Arbitrary<readonly Embed[]> =
    deep === 0
      ? fc.constant([])
      : fc
          .subarray(Object.entries(links))
          .chain((some) =>
            fc.tuple(
              ...some.map(([link, { to, many }], index) =>
                level(to, deep - 1).map((of): Embed => ({ alias: `e${index}`, link, many, level: of })),
              ),
            ),
          );
  return fc.record({
    table: fc.constant(table),
    columns: fc.subarray(names, { minLength: 1 }),
    where: fc.option(condition(columns), { freq: 2 }),
    order: fc.array(
      fc.record({
        column: fc.constantFrom(...names),
        direction: fc.constantFrom('asc' as const, 'desc' as const),
        nulls: fc.option(fc.constantFrom('first' as const, 'last' as const)),
      }),
      { maxLength: 2 },
    ),
    // REST refuses no rows from an offset on, as PostgREST does.
    limit: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 2 }),
    offset: fc.option(fc.integer({ min: 0, max: 6 }), { freq: 2 }),
    embeds,
  });
}

/** The key decides between equals, so that there is one right order. */
function orderOf({ order }: Level): readonly Order[] {
  return [...order, { column: 'id', direction: 'asc', nulls: null }];
}

/** Below `/rest/v1`. */
export function toPath(asked: Question): string {
  const parameters = parametersOf(asked, '');
  const select = selectOf(asked);
  if (asked.linked === null) return pathOf(asked.table, [['select', select], ...parameters]);
  const { link, where } = asked.linked;
  return pathOf(asked.table, [
    ['select', `${select},only:${link}!inner()`],
    ['only.and', `(${toFilter(where)})`],
    ...parameters,
  ]);
}

export function pathOf(table: string, parameters: readonly (readonly [string, string])[]): string {
  return `/${table}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

export function selectOf({ columns, embeds }: Level): string {
  return [
    ...columns,
    ...embeds.map(({ alias, link, level: of }) => `${alias}:${link}(${selectOf(of)})`),
  ].join(',');
}

/** @param at where the level stands: empty, or `e0.e1.` */
function parametersOf(of: Level, at: string, isOne = false): readonly (readonly [string, string])[] {
  const own: (readonly [string, string])[] = [];
  if (!isOne) {
    if (of.where !== null) own.push([`${at}and`, `(${toFilter(of.where)})`]);
    own.push([`${at}order`, orderOf(of).map(orderText).join(',')]);
    if (of.limit !== null) own.push([`${at}limit`, String(of.limit)]);
    if (of.offset !== null) own.push([`${at}offset`, String(of.offset)]);
  }
  return [...own, ...embedParameters(of, at)];
}

function embedParameters({ embeds }: Level, at: string): readonly (readonly [string, string])[] {
  return embeds.flatMap(({ alias, many, level: of }) => parametersOf(of, `${at}${alias}.`, !many));
}

/** One row by its key, which has no filter of its own. */
export function keyPath(asked: Question, id: number): string {
  const path = pathOf(`${asked.table}/${id}`, [['select', selectOf(asked)], ...embedParameters(asked, '')]);
  return path;
}

function orderText({ column, direction, nulls }: Order): string {
  return `${column}.${direction}${nulls === null ? '' : `.nulls${nulls}`}`;
}

export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export function whereOf({ where, linked }: Question): Readonly<Record<string, unknown>> {
  return {
    _and: [
      ...(where === null ? [] : [toWhere(where)]),
      ...(linked === null ? [] : [{ [linked.link]: toWhere(linked.where) }]),
    ],
  };
}

/** Conditions and orders are variables at the root, and written out below it. */
export function toDocument(asked: Question, page: Pick<Level, 'limit' | 'offset'> = asked): Asked {
  const { table } = asked;
  const heads = `$where: ${table}_bool_exp, $order: [${table}_order_by!], $limit: Int, $offset: Int`;
  const query = `query (${heads}) {
    ${table}(where: $where, order_by: $order, limit: $limit, offset: $offset) ${fieldsOf(asked)}
  }`;
  const order = orderOf(asked).map(({ column, ...rest }) => ({ [column]: orderValue(rest) }));
  const { limit, offset } = page;
  return {
    query,
    variables: {
      where: whereOf(asked),
      order,
      ...(limit === null ? null : { limit }),
      ...(offset === null ? null : { offset }),
    },
  };
}

/** A page of the same list by its cursors. */
export function toConnection(asked: Question, forwards: boolean, cursor: string | null): Asked {
  const { table } = asked;
  const [size, place] = forwards ? ['first', 'after'] : ['last', 'before'];
  const query = `query ($where: ${table}_bool_exp, $order: [${table}_order_by!], $cursor: String) {
    page: ${table}_connection(where: $where, order_by: $order, ${size}: 7, ${place}: $cursor) {
      edges { node ${fieldsOf(asked)} }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }`;
  const order = orderOf(asked).map(({ column, ...rest }) => ({ [column]: orderValue(rest) }));
  return { query, variables: { where: whereOf(asked), order, ...(cursor === null ? null : { cursor }) } };
}

export function keyDocument(asked: Question, id: number): Asked {
  return {
    query: `query ($id: Int!) { row: ${asked.table}_by_pk(id: $id) ${fieldsOf(asked)} }`,
    variables: { id },
  };
}

function fieldsOf({ columns, embeds }: Level): string {
  const links = embeds.map(
    ({ alias, link, many, level: of }) => `${alias}: ${link}${many ? argumentsOf(of) : ''} ${fieldsOf(of)}`,
  );
  return `{ ${[...columns, ...links].join(' ')} }`;
}

function argumentsOf(of: Level): string {
  const order = orderOf(of).map(({ column, ...rest }) => `{ ${column}: ${orderValue(rest)} }`);
  const given = [
    ...(of.where === null ? [] : [`where: ${inline(toWhere(of.where))}`]),
    `order_by: [${order.join(', ')}]`,
    ...(of.limit === null ? [] : [`limit: ${of.limit}`]),
    ...(of.offset === null ? [] : [`offset: ${of.offset}`]),
  ];
  return `(${given.join(', ')})`;
}

function orderValue({ direction, nulls }: Omit<Order, 'column'>): string {
  return nulls === null ? direction : `${direction}_nulls_${nulls}`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${name}: ${inline(one)}`)
    .join(', ')} }`;
}
