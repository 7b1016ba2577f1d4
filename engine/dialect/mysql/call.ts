/**
 * Calls of functions and procedures as programs: a function is a SELECT of its value; a procedure a CALL, whose OUT
 * parameters are variables that are read behind it, and whose rows are described by the answer alone.
 */
import type { Argument, Capabilities, Routine, Type } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';
import type { Binding, Bound, Parameter } from '../../query/bind.ts';
import type { AuthorizedCall, AuthorizedField, AuthorizedNode } from '../../query/query.ts';
import type { Called, ResultColumn, Rows, Statement, Transaction } from '../dialect.ts';
import type { CompiledCall } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { said } from './claims.ts';
import { Aliases, compileCondition, type Scope, typeOfPlace } from './condition.ts';
import { csvText, jsonOf, textOf, textType } from './json.ts';
import { finish } from './notation.ts';
import { recordCell, recordText } from './records.ts';
import { columnsOf, type Output, readTerm } from './select.ts';
import { asType, castName, isText } from './typed.ts';

/** A statement of a program, and how many of the program's parameters are its own: they stand in the order of the steps. */
interface Step {
  readonly statement: Statement;
  readonly parameters: number;
}

interface Program extends CompiledCall {
  readonly steps: readonly Step[];
  /** Index of the step that gives the rows. */
  readonly gives: number;
  /** Of rows that only the answer describes. */
  readonly records:
    | (Pick<AuthorizedCall, 'shape' | 'form'> & { readonly limit: number | undefined })
    | undefined;
  /** Its rows go out as they are, with no word of the routine's about the answer. */
  readonly streams: boolean;
}

export function compileCall(query: AuthorizedCall, capabilities: Capabilities): CompiledCall {
  switch (query.result) {
    case 'scalar':
      return functionProgram(query);
    case 'row':
      return outProgram(query, capabilities);
    case 'records':
      return program(query, [described(callOf(query, argument))], 0, []);
    default:
      throw new Error(`no routine of these databases gives ${query.result}`);
  }
}

function program(
  query: AuthorizedCall,
  steps: readonly { readonly statement: Statement; readonly bindings: readonly Binding[] }[],
  gives: number,
  columns: readonly string[],
): Program {
  const { result, page, shape, form } = query;
  return {
    kind: 'call',
    statement: steps[gives]!.statement,
    bindings: steps.flatMap(({ bindings }) => bindings),
    columns,
    counts: query.count !== false,
    readOnly: query.source.routine.volatility !== 'volatile',
    steps: steps.map(({ statement, bindings }) => ({ statement, parameters: bindings.length })),
    gives,
    records: result === 'records' ? { shape, form, limit: page.limit } : undefined,
    streams: form.stream !== undefined,
  };
}

const value: Sql = sql.identifier('value');

function functionProgram(query: AuthorizedCall): Program {
  const { source, form, text } = query;
  const { routine } = source;
  const type = (routine.result as Extract<Routine['result'], { kind: 'scalar' }>).type;
  const call = sql`${nameOf(routine)}(${sql.join(argumentsOf(query, argument), sql`, `)})`;
  // With a limit the value is worked out once, however often it is read.
  const from = sql`(SELECT ${call} AS ${value} LIMIT 1) AS ${sql.identifier('t0')}`;
  const read = wellFormed(sql`${sql.identifier('t0')}.${value}`, type);
  const json = text ? jsonOf(textOf(read, type), textType) : jsonOf(read, type);
  const list =
    form.stream === undefined
      ? [json, sql`1`, totalOf(query)]
      : [form.stream === 'csv' ? csvText(read, type) : json];
  return program(query, [finish(sql`SELECT ${sql.join(list, sql`, `)} FROM ${from}`)], 0, ['pgrst_scalar']);
}

function totalOf({ count }: AuthorizedCall): Sql {
  return count === false ? sql`NULL` : sql`1`;
}

/** MariaDB keeps JSON as text, and a routine may give any. */
function wellFormed(read: Sql, type: Type): Sql {
  if (type.family !== 'json') return read;
  return sql`CASE WHEN JSON_VALID(${read}) THEN ${read} ELSE JSON_QUOTE(${read}) END`;
}

function nameOf({ schema, name }: Routine): Sql {
  return sql.qualified(schema, name);
}

type Written = (given: Argument, query: AuthorizedCall) => Sql;

/** In their order; each was given, since none has a default. */
function argumentsOf(query: AuthorizedCall, write: Written): readonly Sql[] {
  const { routine } = query.source;
  return routine.arguments.map((one) => write(one, query));
}

/** A value of the body as the type of its argument: the server would take what it cannot read as something else. */
function argument({ name, type }: Argument, { source }: AuthorizedCall): Sql {
  const parameter = sql.parameter({ kind: 'argument', slot: source.body, name: name!, type });
  return isText(type) ? parameter : asType(sql`CAST(${parameter} AS CHAR)`, type);
}

function callOf(query: AuthorizedCall, write: Written): Sql {
  return sql`CALL ${nameOf(query.source.routine)}(${sql.join(argumentsOf(query, write), sql`, `)})`;
}

function described(call: Sql) {
  const { statement, bindings } = finish(call);
  return { statement: { ...statement, described: true }, bindings };
}

// ---- OUT parameters ----

/** `@novastack_1`: the n-th parameter of the procedure. */
function variable(index: number): Sql {
  return sql`@novastack_${sql.integer(index + 1)}`;
}

function outProgram(query: AuthorizedCall, capabilities: Capabilities): Program {
  const { routine } = query.source;
  const { columns } = routine.result as Extract<Routine['result'], { kind: 'rows' }>;
  const byName = new Map(routine.arguments.map((one) => [one.name!, one]));
  const parameters = routine.parameters!.map((name, index) => ({
    name,
    given: byName.get(name),
    out: columns.get(name),
    variable: variable(index),
  }));
  const both = parameters.filter(({ given, out }) => given !== undefined && out !== undefined);
  const sets = both.map((one) => sql`${one.variable} = ${argument(one.given!, query)}`);
  const passed = parameters.map((one) =>
    one.out === undefined ? argument(one.given!, query) : one.variable,
  );
  const given = parameters.flatMap(({ name, out, variable }) =>
    out === undefined ? [] : [sql`${outValue(variable, out)} AS ${sql.identifier(name)}`],
  );
  const row = rowOf(query, sql`(SELECT ${sql.join(given, sql`, `)})`, new Aliases(capabilities, query.form));
  const steps = [
    ...(sets.length === 0 ? [] : [finish(sql`SET ${sql.join(sets, sql`, `)}`)]),
    finish(sql`CALL ${nameOf(routine)}(${sql.join(passed, sql`, `)})`),
    finish(row.select),
  ];
  return program(query, steps, steps.length - 1, row.columns);
}

/** A variable knows numbers and texts alone: what the parameter was, it is again. */
function outValue(read: Sql, type: Type): Sql {
  const digits = (type.modifiers.match(/[0-9]+/g) ?? []).map((one) => sql.integer(Number(one)));
  const inside = digits.length === 0 ? sql.empty : sql`(${sql.join(digits, sql`, `)})`;
  switch (type.family) {
    case 'boolean':
      return sql`CAST(${read} AS SIGNED)`;
    case 'decimal':
      return sql`CAST(${read} AS DECIMAL${inside})`;
    case 'time':
      return sql`CAST(${read} AS TIME${inside})`;
    case 'timestamp':
      return sql`CAST(${read} AS DATETIME${inside})`;
    case 'json':
      return wellFormed(read, type);
    case 'string':
    case 'enum':
    case 'array':
      return sql`CONVERT(${read} USING utf8mb4)`;
    default: {
      const name = castName(type);
      return name === undefined ? read : sql`CAST(${read} AS ${name})`;
    }
  }
}

function rowOf(
  query: AuthorizedCall,
  from: Sql,
  aliases: Aliases,
): { readonly select: Sql; readonly columns: readonly string[] } {
  const node = query.node;
  if (node === undefined) throw unshaped();
  const [inner, outer] = [aliases.next(), aliases.next()];
  const scope: Scope = { alias: inner, guards: node.guards, aliases };
  const outputs = node.fields.map((field) => outputOf(field, scope));
  const { values, names, asJson } = columnsOf(outputs, aliases);
  const there = query.nullsAreNone ? someValue(node, inner) : sql`true`;
  const where = sql`${there} AND ${compileCondition(node.where, { ...scope, guards: new Map() })}`;
  const rows = sql`(SELECT ${sql.join(values, sql`, `)} FROM ${from} AS ${inner} WHERE ${where}) AS ${outer}`;
  const columns = outputs.map(({ as }) => as);
  const { form } = query;
  if (form.stream === 'csv') {
    const cells = outputs.map(({ type }, index) => csvText(sql`${outer}.${names[index]!}`, type));
    return { select: sql`SELECT ${sql.join(cells, sql`, `)} FROM ${rows}`, columns };
  }
  if (form.stream === 'ndjson') return { select: sql`SELECT ${asJson(outer)} FROM ${rows}`, columns };
  if (form.geojson !== undefined) throw unshaped();
  const object = sql`COALESCE((SELECT ${asJson(outer)} FROM ${rows}), 'null')`;
  return { select: sql`SELECT ${object}, 1, ${totalOf(query)}`, columns };
}

function someValue({ table }: AuthorizedNode, alias: Sql): Sql {
  const values = [...table.columns.values()].map(({ column }) => sql`${alias}.${sql.identifier(column)}`);
  return sql`(${sql.join(
    values.map((one) => sql`${one} IS NOT NULL`),
    sql` OR `,
  )})`;
}

function outputOf(field: AuthorizedField, scope: Scope): Output {
  switch (field.kind) {
    case 'constant':
      return { as: field.as, value: sql.literal(field.text), type: textType };
    case 'column': {
      const read = readTerm(field, scope);
      const type = field.cast ?? typeOfPlace(field.column, field.path);
      return field.text
        ? { as: field.as, value: textOf(read, type), type: textType }
        : { as: field.as, value: read, type };
    }
    default:
      throw unshaped();
  }
}

function unshaped(): Problem {
  return new Problem('0A000', {
    message: 'What a procedure gives cannot be grouped, aggregated or told in this form.',
    hint: 'Select its parameters by their names; nothing was done.',
  });
}

// ---- run ----

/** As `Dialect.call`. */
export async function call(
  transaction: Transaction,
  compiled: CompiledCall,
  parameters: readonly Bound[],
): Promise<Called> {
  const { steps, gives, records, streams, columns, counts } = compiled as Program;
  let from = 0;
  let given: Rows | undefined;
  for (const [index, step] of steps.entries()) {
    const own = parameters.slice(from, from + step.parameters) as readonly Parameter[];
    from += step.parameters;
    const rows = await transaction.run(step.statement, own);
    if (index === gives) given = rows;
  }
  const { rows, columns: told } = given!;
  if (streams) return records === undefined ? { columns, rows } : linesOf(records, rows, told ?? []);
  const { rows: words } = await transaction.run(said, []);
  const row = records === undefined ? rows[0]! : recordsOf(records, rows, told, counts);
  return { columns, rows: [[...row, ...(words[0] ?? [])]] };
}

type Row = readonly (string | null)[];
type Records = NonNullable<Program['records']>;

/** @param told undefined: the procedure gave no rows */
function recordsOf(
  { shape, form, limit }: Records,
  all: readonly Row[],
  told: readonly ResultColumn[] | undefined,
  counts: boolean,
): Row {
  if (told === undefined) return [null, '0', null];
  const texts = all.slice(0, limit).map((row) => recordText(told, row, form.stripNulls));
  const body = shape === 'list' ? `[${texts.join(',')}]` : (texts[0] ?? 'null');
  return [body, String(texts.length), counts ? String(all.length) : null];
}

function linesOf({ form, limit }: Records, all: readonly Row[], told: readonly ResultColumn[]): Called {
  const rows = all.slice(0, limit);
  const columns = told.map(({ name }) => name);
  return form.stream === 'csv'
    ? { columns, rows: rows.map((row) => row.map((one, index) => recordCell(one, told[index]!.form))) }
    : { columns, rows: rows.map((row) => [recordText(told, row, form.stripNulls)]) };
}
