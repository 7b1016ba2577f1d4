/** Which overload of a function a call means: by the names of the arguments given, else by how the whole body came. */
import { nearest } from '../../schema/nearest.ts';
import type { Callable, Overload, World } from '../api/api.ts';
import type { Argument, Routine } from '../catalog/catalog.ts';
import { typeTitle } from '../catalog/value.ts';
import { Problem } from '../problem/problem.ts';

export type BodyType = 'json' | 'text' | 'xml' | 'binary';

/** What a caller gives: names of arguments (undefined: there can be none, the body is no object), and the body's type. */
export interface Given {
  readonly names: readonly string[] | undefined;
  /** Undefined: there is no body that could be one argument (GET). */
  readonly body: BodyType | undefined;
}

export interface Chosen {
  readonly overload: Overload;
  /** The whole body is the one argument. */
  readonly whole: boolean;
}

/**
 * @throws {Problem} PGRST202 (404) none fits, PGRST203 (300) several fit
 */
export function chooseOverload(callable: Callable, given: Given): Chosen {
  const { names, body } = given;
  const named = names === undefined ? [] : callable.overloads.filter((one) => takes(one.routine, names));
  if (named.length === 1) return { overload: named[0]!, whole: false };
  if (named.length > 1) throw ambiguous(callable, named);
  const whole = callable.overloads.filter((one) => body !== undefined && takesWhole(one.routine, body));
  if (whole.length === 1) return { overload: whole[0]!, whole: true };
  if (whole.length > 1) throw ambiguous(callable, whole);
  throw overloadNotFound(callable, given);
}

function takes({ arguments: known }: Routine, names: readonly string[]): boolean {
  return (
    names.every((name) => known.some((one) => one.name === name)) &&
    known.every(({ name, optional }) => optional || (name !== null && names.includes(name)))
  );
}

const wholeTypes: Readonly<Record<BodyType, readonly string[]>> = {
  json: ['json', 'jsonb'],
  text: ['text'],
  xml: ['xml'],
  binary: ['bytea'],
};

function takesWhole({ arguments: known }: Routine, body: BodyType): boolean {
  const [only, ...others] = known;
  return (
    only !== undefined &&
    others.length === 0 &&
    only.name === null &&
    wholeTypes[body].includes(only.type.name)
  );
}

function ambiguous(callable: Callable, fitting: readonly Overload[]): Problem {
  const signatures = fitting.map(
    ({ routine }) => `${title(callable)}(${routine.arguments.map(argumentText).join(', ')})`,
  );
  return new Problem('PGRST203', {
    message: `Could not choose the best candidate function between: ${signatures.join(', ')}`,
    hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
  });
}

function argumentText({ name, type }: Argument): string {
  return `${name ?? ''} => ${typeTitle(type)}`;
}

function title({ profile, rest }: Callable): string {
  return `${profile}.${rest}`;
}

function overloadNotFound(callable: Callable, { names, body }: Given): Problem {
  const shared = ({ routine }: Overload) =>
    routine.arguments.filter(({ name }) => name !== null && names?.includes(name)).length;
  const [best] = [...callable.overloads].sort((a, b) => shared(b) - shared(a));
  const wanted = best!.routine.arguments.map(({ name }) => name ?? '').join(', ');
  return new Problem('PGRST202', {
    message: `Could not find the function ${title(callable)}${listOf(names)} in the schema cache`,
    details: searched(title(callable), names, body),
    hint: `Perhaps you meant to call the function ${title(callable)}(${wanted})`,
  });
}

/** A function that is absent and one that the role may not execute answer alike. */
export function functionNotFound(name: string, world: World, given: Given, profile = 'public'): Problem {
  const names = [...world.functions.values()]
    .filter((one) => one.profile === profile)
    .map(({ rest }) => rest);
  const near = nearest(name, names);
  return new Problem('PGRST202', {
    message: `Could not find the function ${profile}.${name}${listOf(given.names)} in the schema cache`,
    details: searched(`${profile}.${name}`, given.names, given.body),
    hint: near === undefined ? null : `Perhaps you meant to call the function ${profile}.${near}`,
  });
}

function listOf(names: readonly string[] | undefined): string {
  if (names === undefined) return '';
  return names.length === 0 ? ' without parameters' : `(${listed(names)})`;
}

const wholeNames: Readonly<Record<BodyType, string>> = {
  json: 'json/jsonb',
  text: 'text',
  xml: 'xml',
  binary: 'bytea',
};

function searched(name: string, names: readonly string[] | undefined, body: BodyType | undefined): string {
  const whole = body === undefined ? [] : [`with a single unnamed ${wholeNames[body]} parameter`];
  const named =
    names === undefined
      ? []
      : [
          names.length === 0
            ? 'without parameters'
            : `with parameter${names.length === 1 ? '' : 's'} ${listed(names)}`,
        ];
  const ways = [...named, ...whole].join(' or ');
  return `Searched for the function ${name}${ways === '' ? '' : ` ${ways}`}, but no matches were found in the schema cache.`;
}

/** A caller's names, in an order that does not depend on it; a few where there are many. */
function listed(names: readonly string[]): string {
  const shown = [...names]
    .sort()
    .slice(0, 30)
    .map((name) => name.slice(0, 63));
  return `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}
