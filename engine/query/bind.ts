/** Values of one request → parameters of its statement: each read as its column's type before the database sees it. */
import type { Value } from '../api/condition.ts';
import { endsInEscape } from '../api/operators.ts';
import { type Principal, readClaim } from '../auth/principal.ts';
import { SearchError, type SearchForm, toBooleanSearch } from '../catalog/boolean-search.ts';
import type { Type } from '../catalog/catalog.ts';
import { listsOf, placesOfLists } from '../catalog/json-places.ts';
import { isSearchQuery } from '../catalog/search-query.ts';
import { similarToRegex } from '../catalog/similar.ts';
import { isTemporal, type Notation, readCell, readList, readValue, ValueError } from '../catalog/value.ts';
import { Problem } from '../problem/problem.ts';

/** What a parameter is made of. `rows` and `row`: the body of a write, as JSON of lists in the order of `columns`. */
export type Binding =
  | Value
  /** As a `claim` or a `constant` of `set:`, where a missing claim is refused. */
  | { readonly kind: 'preset'; readonly value: Value }
  /** A pattern of SIMILAR TO as a regular expression. */
  | { readonly kind: 'similar'; readonly pattern: Value }
  /** Paths into a row's JSON, as a JSON list: where it may have no list if it is to contain the value, or must if it is to be contained. */
  | { readonly kind: 'places'; readonly of: Value; readonly relation: 'contains' | 'containedIn' }
  /** A search in boolean mode. */
  | { readonly kind: 'search'; readonly query: Value; readonly form: SearchForm }
  /** What a write's statement said of its rows, for the statement that verifies them. */
  | { readonly kind: 'written' }
  /** Rows to pass over: a whole number, not negative. */
  | { readonly kind: 'offset'; readonly slot: number }
  | {
      readonly kind: 'rows';
      readonly slot: number;
      readonly columns: readonly string[];
      readonly single: boolean;
      /** Slot of a list with the number of each row's set of columns: put into the row as `s`. */
      readonly sets?: number;
    }
  /** An argument of a call by its name in the body, where each is a parameter of its own. */
  | { readonly kind: 'argument'; readonly slot: number; readonly name: string; readonly type: Type }
  /** The body of a write cell by cell, each read as its type: for databases that do not refuse what they cannot read. */
  | {
      readonly kind: 'cells';
      readonly slot: number;
      readonly columns: readonly { readonly name: string; readonly type: Type }[];
      readonly single: boolean;
    }
  /** The same as one parameter: a JSON list of the rows' lists; null where a row does not give the column. */
  | {
      readonly kind: 'texts';
      readonly slot: number;
      readonly columns: readonly { readonly name: string; readonly type: Type }[];
      readonly single: boolean;
    };

export interface BindSource {
  readonly values: readonly unknown[];
  readonly notation: Notation;
  readonly principal: Principal;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly written?: string | null;
}

export type Parameter = string | null | readonly (string | null)[];

/** Rows of texts. Undefined: the row does not give the column. */
export type Cells = readonly (readonly (string | null | undefined)[])[];

/** What a binding becomes; `Cells` for `cells` alone. */
export type Bound = Parameter | Cells;

/**
 * @throws {Problem} 22P02, 22003, 22021, 22025 a value of the request; NS302 (403) a claim that a permission needs
 */
export function bindParameters(bindings: readonly Binding[], source: BindSource): Bound[] {
  return bindings.map((binding) => bindOne(binding, source));
}

function bindOne(binding: Binding, source: BindSource): Bound {
  switch (binding.kind) {
    case 'constant':
      return binding.text;
    case 'now':
      return new Date(source.now).toISOString();
    case 'claim':
      return bindClaim(binding, source);
    case 'slot':
      return bindSlot(binding, source);
    case 'preset':
      return bindPreset(binding.value, source);
    case 'similar':
      return bindSimilar(binding.pattern, source);
    case 'places':
      return bindPlaces(binding, source);
    case 'search':
      return bindSearch(binding, source);
    case 'written':
      return source.written ?? null;
    case 'offset':
      return bindOffset(source.values[binding.slot]);
    case 'argument':
      return bindArgument(binding, source);
    case 'rows':
      return bindRows(binding, source);
    case 'cells':
      return bindCells(binding, source);
    case 'texts':
      return JSON.stringify(bindCells({ ...binding, kind: 'cells' }, source), (_, value) => value ?? null);
    default:
      return binding satisfies never;
  }
}

function bindSlot(binding: Extract<Value, { kind: 'slot' }>, { values, notation }: BindSource): Parameter {
  return reading(() => {
    const value = values[binding.slot];
    if (binding.list) {
      const texts = readList(value, binding.type, notation);
      if (binding.pattern) for (const text of texts) if (text !== null) requirePattern(text);
      return texts;
    }
    if (value === null || value === undefined) return null;
    const text = readValue(value, binding.type, notation);
    if (binding.pattern) requirePattern(text);
    if (binding.search && !isSearchQuery(text))
      throw new Problem('42601', {
        message: 'syntax error in tsquery',
        hint: 'Join words with & | ! <-> and parentheses, or search with plfts, phfts or wfts, which take any text.',
      });
    return text;
  });
}

function requirePattern(text: string): void {
  if (!endsInEscape(text)) return;
  throw new Problem('22025', {
    message: 'LIKE pattern must not end with escape character',
    hint: 'Double the backslash at the end of the pattern.',
  });
}

function bindSimilar(pattern: Value, source: BindSource): Bound {
  const text = bindOne(pattern, source);
  if (typeof text !== 'string') return text;
  const regex = similarToRegex(text);
  if (regex !== undefined) return regex;
  throw new Problem('22025', {
    message: 'The pattern of similar must not end with its escape character',
    hint: 'Double the backslash at the end of the pattern.',
  });
}

function bindPlaces({ of, relation }: Extract<Binding, { kind: 'places' }>, source: BindSource): Bound {
  const text = bindOne(of, source);
  if (typeof text !== 'string') return null;
  return JSON.stringify(relation === 'contains' ? placesOfLists(text) : listsOf(text));
}

function bindSearch({ query, form }: Extract<Binding, { kind: 'search' }>, source: BindSource): Bound {
  const text = bindOne(query, source);
  if (typeof text !== 'string') return text;
  try {
    return toBooleanSearch(text, form);
  } catch (error) {
    if (!(error instanceof SearchError)) throw error;
    throw new Problem('0A000', {
      message: `A search of this database cannot ${error.message}.`,
      hint: 'Ask for one word at least, join words with & and |, and leave others out with & !.',
    });
  }
}

function bindOffset(value: unknown): string {
  const text = String(value);
  if (!/^[0-9]{1,18}$/.test(text)) {
    throw new Problem('PGRST100', {
      message: `The offset must be a whole number that is not negative, and "${text.slice(0, 40)}" was given.`,
    });
  }
  return text;
}

/** A missing claim is unknown: null, so that no comparison with it is true. */
function bindClaim(binding: Extract<Value, { kind: 'claim' }>, { principal }: BindSource): Parameter {
  const claim = readClaim(principal, binding.path);
  if (claim === undefined || claim === null) return null;
  try {
    const each = binding.list && Array.isArray(claim) ? claim : [claim];
    if (!each.every((one) => one === null || isOfForm(one, binding.type))) throw unfit(binding.path);
    if (binding.list) return readList(claim, binding.type, 'text');
    return readValue(claim, binding.type, 'text');
  } catch (error) {
    if (error instanceof ValueError) throw unfit(binding.path, error);
    throw error;
  }
}

/** Days and times are texts of one form: the database would take `now`, `20240229` and whatever else it knows, or fail. */
function isOfForm(claim: unknown, type: Type): boolean {
  if (Array.isArray(claim) && type.family !== 'array' && type.family !== 'json') return false;
  return isTemporal(typeof claim === 'string' ? claim : '', type);
}

function unfit(path: readonly string[], cause?: unknown): Problem {
  return new Problem('NS302', {
    message: `The claim "${path.join('.')}" of the token is not of the type that the permission needs.`,
    hint: 'Ask for a token with this claim in the right form.',
    cause,
  });
}

function bindPreset(value: Value, source: BindSource): Bound {
  const bound = bindOne(value, source);
  if (bound === null && value.kind === 'claim') {
    throw new Problem('NS302', {
      message: `The claim "${value.path.join('.')}" of the token is missing, and the permission writes it.`,
      hint: 'Ask for a token with this claim.',
    });
  }
  return bound;
}

/** `[{"title":"A"}]` → `[{"c0":"A"}]`: short fixed keys, so that no name of a caller or a column is read by position or cut. */
function bindRows(binding: Extract<Binding, { kind: 'rows' }>, { values }: BindSource): string {
  const body = values[binding.slot];
  const rows = (binding.single ? [body] : body) as readonly Readonly<Record<string, unknown>>[];
  const sets = binding.sets === undefined ? undefined : (values[binding.sets] as readonly number[]);
  // By the keys of the rows and never by columns × rows, which a few bytes of each can make long.
  const short = new Map(binding.columns.map((name, index) => [name, `c${index}`]));
  const text = JSON.stringify(
    rows.map((row, at) => {
      const one: Record<string, unknown> = sets === undefined ? {} : { s: sets[at] };
      // A key that is not there is read as null.
      for (const key of Object.keys(row)) {
        const name = short.get(key);
        if (name !== undefined) one[name] = row[key];
      }
      return one;
    }),
  );
  if (text.includes('\\u0000')) refuseNul(text);
  if (/\\ud[89a-f]/i.test(text)) refuseSurrogates(text);
  return text;
}

/** As of JSON, which a body is; what came as a text of a URL was read as its argument takes it. */
function bindArgument(
  { slot, name, type }: Extract<Binding, { kind: 'argument' }>,
  { values }: BindSource,
): Parameter {
  const given = (values[slot] as Readonly<Record<string, unknown>>)[name];
  if (given === null || given === undefined) return null;
  return reading(() => readCell(given, type));
}

function bindCells(binding: Extract<Binding, { kind: 'cells' }>, { values }: BindSource): Cells {
  const body = values[binding.slot];
  const rows = (binding.single ? [body] : body) as readonly Readonly<Record<string, unknown>>[];
  return reading(() =>
    rows.map((row) =>
      binding.columns.map(({ name, type }) => {
        if (!Object.hasOwn(row, name)) return undefined;
        const value = row[name];
        return value === null ? null : readCell(value, type);
      }),
    ),
  );
}

/** What a value is refused for becomes the problem of the request. */
function reading<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ValueError)
      throw new Problem(error.code, { message: error.message, hint: error.hint, cause: error });
    throw error;
  }
}

/** `\\u0000` in JSON text may also be an escaped backslash before `u0000`. */
function refuseNul(text: string): void {
  if (/(?:^|[^\\])(?:\\\\)*\\u0000/.test(text)) {
    throw new Problem('22021', {
      message: 'The text holds a NUL character, which cannot be stored.',
      hint: 'Leave the character out.',
    });
  }
}

function refuseSurrogates(text: string): void {
  if (/(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/i.test(text)) {
    throw new Problem('22021', {
      message: 'The text is not valid Unicode.',
      hint: 'Leave lone surrogates out.',
    });
  }
}
