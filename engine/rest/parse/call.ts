/** A call of a function → the request that the planner takes: its arguments, and what is asked of its rows. Pure. */
import type { ApiLimits, Callable } from '../../api/api.ts';
import type { Argument } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';
import { parseJson } from '../../query/json.ts';
import { chooseOverload, type Given } from '../../query/overload.ts';
import type { CallRequest } from '../../query/request.ts';
import { type Row, readRows, readText } from '../body.ts';
import { Building, buildNode } from './build.ts';
import { formOf, type ParsedCall, type RestCall } from './draft.ts';
import { isOperation } from './filter.ts';
import { callType, parseAccept } from './media.ts';
import { cutByRange } from './page.ts';
import { parseParameters } from './parameters.ts';
import { parsePreferences } from './preferences.ts';
import { type Parameter, parseQuery } from './query.ts';

/** Bytes. */
const longBody = 16_384;

export type FunctionCall = Omit<RestCall, 'table' | 'key'>;

/** What a call gives: arguments by name, or one whole body, and the parameters that are none of them. */
interface Arguments {
  readonly given: Given;
  /** By name; undefined when the body is no object of them. */
  readonly named: Readonly<Record<string, unknown>> | undefined;
  /** The whole body, as text or as bytes in the form of the database. */
  readonly whole: string;
  readonly rest: readonly Parameter[];
  /** Values are texts of a URL or a form, and not JSON. */
  readonly texts: boolean;
}

/**
 * What a call gives, before the function is known.
 *
 * @throws {Problem} PGRST101 (405) the method calls no functions
 */
export function givenOf(call: FunctionCall): Given {
  // Only for the words of a refusal: a long body is not worth them.
  if ((call.body?.length ?? 0) > longBody) return { names: undefined, body: undefined };
  return readArguments(call, new Set()).given;
}

/**
 * @throws {Problem} PGRST101 (405), PGRST202 (404) and PGRST203 (300) no overload or several, PGRST1xx
 */
export function parseCall(call: FunctionCall, callable: Callable, limits: ApiLimits): ParsedCall {
  const preferences = parsePreferences(call.prefer);
  const media = parseAccept(call.accept);
  const names = new Set(
    callable.overloads.flatMap(({ routine }) => routine.arguments.map(({ name }) => name)),
  );
  const { given, named, whole, rest, texts } = readArguments(call, names);
  // The arguments' place is taken first, so that what the parameters hold comes behind it.
  const values: unknown[] = [undefined];
  const { root } = parseParameters(rest, limits, values);
  const { overload, whole: isWhole } = chooseOverload(callable, given);
  values[0] = isWhole ? whole : readNamed(named ?? {}, overload.routine.arguments, texts);
  const page = reads(call) && call.range !== undefined ? cutByRange(root, call.range) : root;
  root.limit = page.limit === undefined ? undefined : Math.min(page.limit, limits.rows);
  root.offset = page.offset;
  const { count } = preferences;
  const request: CallRequest = {
    kind: 'call',
    function: callable.name,
    arguments: isWhole ? undefined : given.names,
    ...(isWhole && given.body !== undefined ? { bodyType: given.body } : null),
    body: 0,
    node: buildNode(root, new Building(values)),
    shape: media.shape,
    count: count !== undefined,
    ...(preferences.handling === 'strict' && preferences.maxAffected !== undefined
      ? { maxAffected: preferences.maxAffected }
      : null),
    ...formOf(media),
    values,
  };
  return { kind: 'call', media, preferences, byKey: false, offset: root.offset ?? 0, request };
}

function reads({ method }: FunctionCall): boolean {
  return method === 'GET' || method === 'HEAD';
}

function readArguments(call: FunctionCall, known: ReadonlySet<string | null>): Arguments {
  const parameters = parseQuery(call.query);
  if (reads(call)) return fromParameters(parameters, known);
  if (call.method !== 'POST')
    throw new Problem('PGRST101', {
      message: `Cannot use the ${call.method} method on RPC`,
      hint: 'Call functions with POST, or with GET where they only read.',
      headers: { allow: 'OPTIONS,GET,HEAD,POST' },
    });
  return fromBody(call, parameters);
}

const reserved: ReadonlySet<string> = new Set([
  'select',
  'order',
  'limit',
  'offset',
  'columns',
  'on_conflict',
  'and',
  'or',
  'having',
]);

/** What reads as a filter, or stands for the rows, is none of the arguments. */
function fromParameters(parameters: readonly Parameter[], known: ReadonlySet<string | null>): Arguments {
  const given = parameters.filter(({ key, value }) => {
    if (reserved.has(key) || isOperation(value)) return false;
    return known.has(unquoted(key)) || !/\.(?:select|order|limit|offset|and|or|having)$/.test(key);
  });
  const named = collect(given);
  return {
    given: { names: Object.keys(named), body: undefined },
    named,
    whole: '',
    rest: parameters.filter((one) => !given.includes(one)),
    texts: true,
  };
}

function unquoted(name: string): string {
  return /^"(?:[^"\\]|\\.)*"$/s.test(name) ? name.slice(1, -1).replace(/\\(.)/gs, '$1') : name;
}

/** A parameter that stands several times is a list. */
function collect(parameters: readonly Parameter[]): Readonly<Record<string, unknown>> {
  const lists = Map.groupBy(parameters, ({ key }) => unquoted(key));
  return Object.fromEntries(
    [...lists].map(([key, list]) => [
      key,
      list.length === 1 ? list[0]!.value : list.map(({ value }) => value),
    ]),
  );
}

function fromBody(call: FunctionCall, parameters: readonly Parameter[]): Arguments {
  const type = callType(call.contentType);
  switch (type) {
    case 'json':
      return fromJson(call, parameters);
    case 'form': {
      const named = collect(parseQuery(readText(call.body)));
      const given = { names: Object.keys(named), body: undefined };
      return { given, named, whole: '', rest: parameters, texts: true };
    }
    case 'csv':
      return fromRow(readRows(call.body, { type }).rows[0], parameters);
    case 'binary':
      return wholeOf(type, `\\x${(call.body ?? Buffer.alloc(0)).toString('hex')}`, parameters);
    case 'text':
    case 'xml':
      return wholeOf(type, readText(call.body), parameters);
    default:
      return type satisfies never;
  }
}

function wholeOf(body: 'text' | 'xml' | 'binary', whole: string, rest: readonly Parameter[]): Arguments {
  return { given: { names: undefined, body }, named: undefined, whole, rest, texts: false };
}

function fromRow(row: Row | undefined, rest: readonly Parameter[]): Arguments {
  const named = row ?? {};
  return { given: { names: Object.keys(named), body: undefined }, named, whole: '', rest, texts: true };
}

/** No body at all is a call without arguments. */
function fromJson(call: FunctionCall, parameters: readonly Parameter[]): Arguments {
  const text = readText(call.body);
  const value = text.trim() === '' ? {} : parseJson(text);
  const rest = parameters.filter(({ key }) => key !== 'columns');
  // A list of one is as good as the one.
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const isObject =
    typeof only === 'object' && only !== null && Object.getPrototypeOf(only) === Object.prototype;
  if (!isObject)
    return { given: { names: undefined, body: 'json' }, named: undefined, whole: text, rest, texts: false };
  const { columns } = parseParameters(
    parameters.filter(({ key }) => key === 'columns'),
    unlimited,
    [],
  );
  const named = only as Row;
  const names = columns ?? Object.keys(named);
  return { given: { names, body: 'json' }, named, whole: text, rest, texts: false };
}

/** Nothing of it bounds a list of names. */
const unlimited = { depth: 0 } as ApiLimits;

/** Values as their arguments take them. */
function readNamed(
  named: Readonly<Record<string, unknown>>,
  known: readonly Argument[],
  texts: boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => {
      const argument = known.find((one) => one.name === name);
      return [name, texts ? readTextValue(value, argument) : value];
    }),
  );
}

/** JSON where the argument is JSON, a list where it is variadic, else the text; of several texts the last. */
function readTextValue(value: unknown, argument: Argument | undefined): unknown {
  if (argument?.variadic) return typeof value === 'string' ? [value] : value;
  const text = Array.isArray(value) ? value.at(-1) : value;
  return argument?.type.family === 'json' ? parseJson(String(text), { code: '22P02' }) : text;
}
