/** Examples as GraphQL documents, in the names of one role's schema. Pure. */
import { type Api, buildModel, type Column, type Edge, type Table } from '../engine/index.ts';
import type { Ask, Document, Filter, Json, Row } from './ask.ts';

type Model = ReturnType<typeof buildModel>;
type ModelTable = Model['tables'][number];

export interface Listing {
  readonly columns: readonly Column[];
  readonly filters: readonly Filter[];
  readonly order: Ask['order'];
  readonly limit: number;
  readonly edge?: Edge;
  readonly far?: readonly Column[];
}

/** Each null where the role's schema has no such field, or no name for something in it. */
export interface Documents {
  list(table: Table, what: Listing): Document | null;
  one(table: Table, key: Ask['key'], columns: readonly Column[]): Document | null;
  count(table: Table): Document | null;
  insert(table: Table, body: Row, columns: readonly Column[]): Document | null;
  update(table: Table, key: Ask['key'], body: Row, columns: readonly Column[]): Document | null;
  delete(table: Table, key: Ask['key'], columns: readonly Column[]): Document | null;
  call(name: string, args: Row, columns: readonly Column[]): Document | null;
}

export function documentsOf(api: Api, role: string): Documents {
  const model = buildModel(api, role);
  const tables = new Map(model.tables.map((table) => [table.name, table]));
  const document = (query: string, variables: Row | null = null): Document => ({ query, variables });
  const field = (name: string, args: readonly string[], fields: readonly string[]): string =>
    [`  ${name}${args.length === 0 ? '' : `(${args.join(', ')})`}${fields.length === 0 ? '' : ' {'}`]
      .concat(
        fields.map((one) => `    ${one}`),
        fields.length === 0 ? [] : ['  }'],
      )
      .join('\n');
  return {
    list(table, { columns, filters, order, limit, edge, far }) {
      const one = tables.get(table.name);
      const fields = fieldsOf(one, columns);
      const related = edge === undefined ? [] : edgeFields(one, edge, tables.get(edge.to.name), far ?? []);
      const where = filters.map((filter) => condition(one, filter));
      const sorted = order.map(({ column, descending }) => [
        columnOf(one, column)?.graphql,
        descending ? 'desc' : 'asc',
      ]);
      if (one?.roots.list === undefined || fields === undefined || related === undefined) return null;
      if (where.includes(undefined) || sorted.some(([name]) => name === undefined)) return null;
      const by = sorted.map(([name, way]) => `{ ${name}: ${way} }`);
      const args = [
        ...(where.length === 0 ? [] : [`where: { ${where.join(', ')} }`]),
        ...(by.length === 0 || one.types.orderBy === undefined
          ? []
          : [`order_by: ${by.length === 1 ? by[0] : `[${by.join(', ')}]`}`]),
        `limit: ${limit}`,
      ];
      return document(`query {\n${field(one.roots.list, args, [...fields, ...related])}\n}`);
    },
    one(table, key, columns) {
      const one = tables.get(table.name);
      const [fields, args] = [fieldsOf(one, columns), keyArguments(one, key)];
      if (one?.roots.byKey === undefined || fields === undefined || args === undefined) return null;
      return document(`query {\n${field(one.roots.byKey, args, fields)}\n}`);
    },
    count(table) {
      const root = tables.get(table.name)?.roots.aggregate;
      return root === undefined
        ? null
        : document(`query {\n${field(root, [], ['aggregate {', '  count', '}'])}\n}`);
    },
    insert(table, body, columns) {
      const one = tables.get(table.name);
      const object = renamed(one, body);
      const input = one?.types.insertInput;
      if (one === undefined || object === undefined || input === undefined) return null;
      const fields = fieldsOf(one, columns);
      const head = `mutation ($object: ${input}!) {\n`;
      if (one.roots.insertOne !== undefined && fields !== undefined && one.read)
        return document(`${head}${field(one.roots.insertOne, ['object: $object'], fields)}\n}`, { object });
      if (one.roots.insert === undefined) return null;
      return document(`${head}${field(one.roots.insert, ['objects: [$object]'], ['affected_rows'])}\n}`, {
        object,
      });
    },
    update(table, key, body, columns) {
      const one = tables.get(table.name);
      const [fields, args, set] = [fieldsOf(one, columns), keyArguments(one, key), renamed(one, body)];
      if (one?.roots.updateByKey === undefined || one.types.setInput === undefined) return null;
      if (fields === undefined || args === undefined || set === undefined) return null;
      const given = [`pk_columns: { ${args.join(', ')} }`, '_set: $set'];
      return document(
        `mutation ($set: ${one.types.setInput}!) {\n${field(one.roots.updateByKey, given, fields)}\n}`,
        { set },
      );
    },
    delete(table, key, columns) {
      const one = tables.get(table.name);
      const [fields, args] = [fieldsOf(one, columns), keyArguments(one, key)];
      if (one?.roots.deleteByKey === undefined || fields === undefined || args === undefined) return null;
      return document(`mutation {\n${field(one.roots.deleteByKey, args, fields)}\n}`);
    },
    call(name, args, columns) {
      const one = model.functions.find((each) => each.name === name);
      if (one === undefined) return null;
      const rows = one.result.kind === 'rows' ? one.result.table : undefined;
      const table = model.tables.find(({ graphql }) => graphql === rows);
      const fields =
        rows === undefined
          ? []
          : (fieldsOf(table, columns) ?? table?.columns.slice(0, 4).map(({ graphql }) => graphql));
      const given = Object.entries(args).map(
        ([arg, value]) => [one.arguments.find((each) => each.name === arg)?.graphql, value] as const,
      );
      if (fields === undefined || given.some(([arg]) => arg === undefined)) return null;
      const variable = one.argumentsType !== undefined && given.length > 0;
      const head = variable ? `${one.kind} ($args: ${one.argumentsType}!) {` : `${one.kind} {`;
      return document(
        `${head}\n${field(one.root, variable ? ['args: $args'] : [], fields)}\n}`,
        variable ? { args: Object.fromEntries(given) as Row } : null,
      );
    },
  };
}

function columnOf(table: ModelTable | undefined, name: string) {
  return [...(table?.columns ?? []), ...(table?.insertable ?? []), ...(table?.updatable ?? [])].find(
    (column) => column.name === name,
  );
}

function fieldsOf(table: ModelTable | undefined, columns: readonly Column[]): readonly string[] | undefined {
  const names = columns.flatMap(
    ({ name }) => table?.columns.find((column) => column.name === name)?.graphql ?? [],
  );
  return names.length === 0 ? undefined : names;
}

function edgeFields(
  table: ModelTable | undefined,
  edge: Edge,
  far: ModelTable | undefined,
  columns: readonly Column[],
): readonly string[] | undefined {
  const found = table?.edges.find(({ name }) => name === edge.name);
  const fields = fieldsOf(far, columns);
  if (found === undefined || fields === undefined) return undefined;
  return [`${found.graphql} {`, ...fields.map((one) => `  ${one}`), '}'];
}

function condition(table: ModelTable | undefined, { column, operator, value }: Filter): string | undefined {
  const found = columnOf(table, column);
  if (found?.comparison === undefined || table?.types.boolExp === undefined) return undefined;
  return `${found.graphql}: { _${operator}: ${literal(value)} }`;
}

function keyArguments(table: ModelTable | undefined, key: Ask['key']): readonly string[] | undefined {
  const named = key.map(
    ({ column, value }) => [table?.key.find(({ name }) => name === column)?.graphql, value] as const,
  );
  if (named.length === 0 || named.some(([name]) => name === undefined)) return undefined;
  return named.map(([name, value]) => `${name}: ${literal(value)}`);
}

function renamed(table: ModelTable | undefined, body: Row): Row | undefined {
  const entries = Object.entries(body).map(
    ([name, value]) => [columnOf(table, name)?.graphql, value] as const,
  );
  return entries.some(([name]) => name === undefined)
    ? undefined
    : (Object.fromEntries(entries) as Record<string, Json>);
}

/** GraphQL's strings are written as JSON's. */
function literal(value: string | number | boolean): string {
  return JSON.stringify(value);
}
