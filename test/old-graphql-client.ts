/** What a client of one role's GraphQL schema sends: lists, keys, aggregates, writes and calls, with variables of the types it knows. */
import type { Api } from '../engine/api/api.ts';
import { buildModel, type Model, type ModelColumn, type ModelTable } from '../engine/graphql/model.ts';
import type { InjectedRequest } from '../engine/revision/revision.ts';
import { argumentsOf, json, newRow, type Row, type Rows } from './old-client.ts';

interface Asked {
  readonly title: string;
  readonly request: InjectedRequest;
  readonly own?: boolean;
}

export function graphqlRequests(api: Api, role: string, rows: Rows): readonly Asked[] {
  const model = buildModel(api, role);
  const known = new Map(model.tables.map((table) => [table.graphql, table]));
  return [
    ...(model.introspection ? [own(ask('query I { __schema { queryType { name } } }'))] : []),
    ...model.tables.flatMap((table) => [
      ...reads(table, known, rows(table.name)),
      ...writes(table, api, role, rows(table.name)),
    ]),
    ...calls(model, api, role, known),
    ...limits(model).map(own),
  ];
}

function own(one: Asked): Asked {
  return { ...one, own: true };
}

function ask(query: string, variables: Row = {}): Asked {
  const body = JSON.stringify({ query, variables });
  return {
    title: `${query} ${JSON.stringify(variables)}`,
    request: { method: 'POST', url: '/graphql/v1', headers: json, body },
  };
}

function fieldsOf({ columns }: ModelTable): string {
  return columns.map(({ graphql }) => graphql).join(' ');
}

function reads(
  table: ModelTable,
  known: ReadonlyMap<string, ModelTable>,
  rows: readonly Row[],
): readonly Asked[] {
  const { roots, columns, edges, key } = table;
  if (roots.list === undefined || columns.length === 0) return [];
  const order = key.length === 0 ? '' : `(order_by: {${key[0]!.graphql}: asc})`;
  const nested = edges.map((edge) => `${edge.graphql} { ${fieldsOf(known.get(edge.to)!)} }`).join(' ');
  const filtered = columns.flatMap((column) => {
    const value = rows.find((row) => row[column.name] !== null && row[column.name] !== undefined)?.[
      column.name
    ];
    const isLeft = column.comparison === undefined || column.list || column.json || value === undefined;
    return isLeft ? [] : [{ column, value }];
  });
  const declared = filtered.map(({ column }, at) => `$v${at}: ${column.scalar}!`).join(', ');
  const any = filtered.map(({ column }, at) => `{${column.graphql}: {_eq: $v${at}}}`).join(', ');
  const values = Object.fromEntries(filtered.map(({ value }, at) => [`v${at}`, value]));
  const where =
    filtered.length === 0
      ? []
      : [
          ask(
            `query W(${declared}) { ${roots.list}(where: {_or: [${any}]}) { ${columns[0]!.graphql} } }`,
            values,
          ),
        ];
  return [
    ask(`query L { ${roots.list}${order} { ${fieldsOf(table)} ${nested} } }`),
    ...where,
    ...(roots.byKey === undefined || rows[0] === undefined
      ? []
      : [byKey(`query K`, roots.byKey, table, rows[0]!, fieldsOf(table))]),
    ...(roots.aggregate === undefined ? [] : [ask(`query A { ${roots.aggregate} { aggregate { count } } }`)]),
  ];
}

function byKey(kind: string, root: string, { key }: ModelTable, row: Row, fields: string): Asked {
  const declared = key.map((column, at) => `$k${at}: ${column.scalar}!`).join(', ');
  const given = key.map((column, at) => `${column.graphql}: $k${at}`).join(', ');
  const values = Object.fromEntries(key.map((column, at) => [`k${at}`, row[column.name]]));
  return ask(`${kind}(${declared}) { ${root}(${given}) { ${fields} } }`, values);
}

function writes(table: ModelTable, api: Api, role: string, rows: readonly Row[]): readonly Asked[] {
  const { roots, insertable, key, types, writes: written } = table;
  const source = api.world(role).tables.get(table.name);
  if (source === undefined) return [];
  const columns = insertable.map(({ name }) => source.table.columns.get(name)!);
  const object = (seed: number) => {
    const row = newRow(columns, source, rows, seed);
    return Object.fromEntries(insertable.map((column) => [column.graphql, row[column.name]]));
  };
  const fields = table.read ? fieldsOf(table) : '__typename';
  const insert = `$object: ${types.insertInput}!`;
  return [
    ...(roots.insertOne === undefined || !table.read
      ? []
      : [
          ask(`mutation I(${insert}) { ${roots.insertOne}(object: $object) { ${fields} } }`, {
            object: object(70),
          }),
          ...written.keys.map((one, at) =>
            ask(
              `mutation U(${insert}) { ${roots.insertOne}(object: $object, on_conflict: {constraint: ${one.graphql}, update_columns: []}) { ${fields} } }`,
              { object: object(71 + at) },
            ),
          ),
        ]),
    ...(roots.insert === undefined
      ? []
      : [
          ask(`mutation M(${insert}) { ${roots.insert}(objects: [$object]) { affected_rows } }`, {
            object: object(90),
          }),
        ]),
    ...(roots.updateByKey === undefined || rows[0] === undefined ? [] : [updateOf(table, rows[0]!, fields)]),
    ...(roots.deleteByKey === undefined || rows[0] === undefined
      ? []
      : [
          byKey(
            'mutation D',
            roots.deleteByKey,
            table,
            Object.fromEntries(key.map(({ name }) => [name, unknownKey(key, name)])),
            fields,
          ),
        ]),
  ];
}

function unknownKey(key: readonly ModelColumn[], name: string): unknown {
  const { scalar } = key.find((column) => column.name === name)!;
  return /^(?:Int|smallint|bigint|numeric)$/.test(scalar) ? 31_999 : 'none';
}

/** Each column set to what it holds. */
function updateOf({ key, updatable, roots }: ModelTable, row: Row, fields: string): Asked {
  const some = updatable.filter(({ list, json: isJson }) => !list && !isJson);
  const declared = [
    ...key.map((one, at) => `$k${at}: ${one.scalar}!`),
    ...some.map(({ scalar }, at) => `$v${at}: ${scalar}`),
  ].join(', ');
  const given = key.map((one, at) => `${one.graphql}: $k${at}`).join(', ');
  const set = some.map(({ graphql }, at) => `${graphql}: $v${at}`).join(', ');
  const values = Object.fromEntries([
    ...key.map((one, at) => [`k${at}`, row[one.name]] as const),
    ...some.map((one, at) => [`v${at}`, row[one.name] ?? null] as const),
  ]);
  return ask(
    `mutation S(${declared}) { ${roots.updateByKey}(pk_columns: {${given}}, _set: {${set}}) { ${fields} } }`,
    values,
  );
}

function calls(
  model: Model,
  api: Api,
  role: string,
  known: ReadonlyMap<string, ModelTable>,
): readonly Asked[] {
  return model.functions.flatMap((one) => {
    const [overload] = api.world(role).functions.get(one.name)!.overloads;
    const { result } = one;
    const fields = result.kind === 'rows' ? ` { ${fieldsOf(known.get(result.table)!)} }` : '';
    const own = result.kind === 'rows' ? known.get(result.table)! : undefined;
    return [false, true].map((whole) => {
      const values = argumentsOf(overload!.routine, whole);
      const given = one.arguments.filter(({ name }) => name in values);
      const declared = given
        .map(({ scalar, list, graphql }) => `$${graphql}: ${list ? `[${scalar}]` : scalar}`)
        .join(', ');
      const args = given.map(({ graphql }) => `${graphql}: $${graphql}`).join(', ');
      const filtered = own?.columns.filter(({ comparison, list }) => comparison !== undefined && !list) ?? [];
      const wanted = filtered.map(({ scalar }, at) => `$w${at}: ${scalar}`);
      const all = [...(declared === '' ? [] : [declared]), ...wanted].join(', ');
      const where = filtered.map(({ graphql }, at) => `{_not: {${graphql}: {_eq: $w${at}}}}`).join(', ');
      const parts = [
        ...(given.length === 0 ? [] : [`args: {${args}}`]),
        ...(filtered.length === 0 ? [] : [`where: {_or: [{}, ${where}]}`]),
      ];
      const head = all === '' ? 'F' : `F(${all})`;
      const call = parts.length === 0 ? '' : `(${parts.join(', ')})`;
      return ask(`${one.kind} ${head} { ${one.root}${call}${fields} }`, values);
    });
  });
}

/** As much as is allowed, where that is little. */
function limits({
  limits: { aliases, roots, depth, tokens, directives, fields, batch },
  tables,
}: Model): readonly Asked[] {
  const few = (limit: number) => (limit <= 60 ? Array.from({ length: limit }, (_, at) => at) : []);
  const list = (limit: number, make: (all: readonly number[]) => string) =>
    limit <= 60 ? [ask(make(few(limit)))] : [];
  const chain = deepest(tables, depth);
  return [
    ...list(aliases, (all) => `query N { ${all.map((at) => `a${at}: __typename`).join(' ')} }`),
    ...list(roots, (all) => `query R { ${all.map((at) => `a${at}: __typename`).join(' ')} }`),
    ...list(fields, (all) => `query N { ${all.map((at) => `a${at}: __typename`).join(' ')} }`),
    ...list(
      directives,
      (all) => `query N { ${all.map((at) => `a${at}: __typename @include(if: true)`).join(' ')} }`,
    ),
    ...list(tokens - 4, (all) => `query N { ${all.map(() => '__typename').join(' ')} }`),
    ...(depth <= 20 && chain !== undefined ? [ask(`query E ${chain}`)] : []),
    ...(batch <= 60 ? [batchOf(few(batch).length)] : []),
  ];
}

function batchOf(length: number): Asked {
  const body = JSON.stringify(Array.from({ length }, () => ({ query: 'query B { __typename }' })));
  return {
    title: `${length} operations`,
    request: { method: 'POST', url: '/graphql/v1', headers: json, body },
  };
}

/** As many levels of selections as are allowed, where relationships lead on. */
function deepest(tables: readonly ModelTable[], depth: number): string | undefined {
  const start = tables.find(({ roots, edges }) => roots.list !== undefined && edges.length > 0);
  if (start === undefined) return undefined;
  const levels = (table: ModelTable, left: number): string => {
    if (left === 1) return `{ ${table.columns[0]!.graphql} }`;
    const [edge] = table.edges;
    if (edge === undefined) return `{ ${table.columns[0]!.graphql} }`;
    return `{ ${edge.graphql} ${levels(tables.find(({ graphql }) => graphql === edge.to)!, left - 1)} }`;
  };
  return depth < 2 ? undefined : `{ ${start.roots.list}(limit: 1) ${levels(start, depth - 1)} }`;
}
