/** Which constraint an error of the server is about: by its text, and by what the statement wrote where the text is silent. */
import type { Problem } from '../../problem/problem.ts';
import type { ConstraintPlace } from '../dialect.ts';
import type { ServerError } from './errors.ts';
import { ownSchema } from './own-schema.ts';
import type { Flavor } from './session.ts';

/** Names as the database has them. */
export interface Target {
  readonly schema: string;
  readonly relation: string;
}

const places = new WeakMap<Error, ConstraintPlace>();

/** As `Dialect.constraintOf`. */
export function constraintOf({ cause }: Problem): ConstraintPlace | undefined {
  return cause instanceof Error ? places.get(cause) : undefined;
}

/** Duplicate keys, columns without a value: the text of these does not say (or not all of) where they are. */
const needTarget = new Set([1048, 1062, 1364, 3819]);

export function needsTarget({ errno }: ServerError): boolean {
  return needTarget.has(errno);
}

const named = /`((?:[^`]|``)+)`(?:\.`((?:[^`]|``)+)`)?/.source;
const written = new RegExp(
  `^(?:INSERT INTO|UPDATE|DELETE FROM|DELETE \`[^\`]+\` FROM) (?:JSON_TABLE\\(.*? STRAIGHT_JOIN )?${named}`,
  's',
);

/** The relation that a statement of ours writes; undefined: it writes none. */
export function targetOf(text: string): Target | undefined {
  const [, first, second] = written.exec(text) ?? [];
  if (first === undefined) return undefined;
  const relation = unquoted(second ?? first);
  return { schema: second === undefined ? ownSchema : unquoted(first), relation };
}

/**
 * Keeps the place of an error for `constraintOf`.
 *
 * @param target what the statement itself wrote; undefined where it may have been something else, such as a trigger
 * @param own the database that statements name by leaving its name out; undefined: they name all
 */
export function place(
  error: ServerError,
  flavor: Flavor,
  target: Target | undefined,
  own: string | undefined,
): void {
  const found = placeOf(error, flavor, target);
  if (found === undefined) return;
  places.set(error, found.schema === own && own !== undefined ? { ...found, schema: ownSchema } : found);
}

function placeOf(
  { errno, sqlMessage }: ServerError,
  flavor: Flavor,
  target: Target | undefined,
): ConstraintPlace | undefined {
  const none = { schema: undefined, relation: undefined, constraint: undefined, column: undefined };
  // MySQL does not double the quotes of a name.
  const name = (text: string) => (flavor === 'mariadb' ? unquoted(text) : text);
  switch (errno) {
    case 1048:
    case 1364: {
      const column = /^(?:Column|Field) '(.*)' (?:cannot be null|doesn't have a default value)$/s.exec(
        sqlMessage,
      );
      return target && column ? { ...none, ...target, column: column[1] } : undefined;
    }
    case 1062: {
      const key = keyOf(sqlMessage, flavor, target);
      return target && key !== undefined ? { ...none, ...target, constraint: key } : undefined;
    }
    case 1451:
    case 1452: {
      const key = /\(`(.*?)`\.`(.*?)`, CONSTRAINT `(.*?)` FOREIGN KEY \(`/s.exec(sqlMessage);
      if (key === null) return undefined;
      const [schema, relation, constraint] = [name(key[1]!), name(key[2]!), name(key[3]!)];
      return { ...none, schema, relation, constraint };
    }
    case 3819: {
      const check = /^Check constraint '(.*)' is violated\.$/s.exec(sqlMessage);
      return target && check ? { ...none, ...target, constraint: check[1] } : undefined;
    }
    case 4025: {
      const check = /^CONSTRAINT `(.*?)` failed for `(.*?)`\.`(.*)`$/s.exec(sqlMessage);
      if (check === null) return undefined;
      const [constraint, schema, relation] = [name(check[1]!), name(check[2]!), name(check[3]!)];
      return { ...none, schema, relation, constraint };
    }
    default:
      return undefined;
  }
}

const forKey = "' for key '";

/** The value may say anything, so the last word counts. MySQL writes the table in front of the key. */
function keyOf(message: string, flavor: Flavor, target: Target | undefined): string | undefined {
  const at = message.lastIndexOf(forKey);
  if (at < 0 || target === undefined) return undefined;
  const key = message.slice(at + forKey.length, -1);
  if (flavor === 'mariadb') return key;
  const table = `${target.relation}.`;
  return key.startsWith(table) ? key.slice(table.length) : undefined;
}

function unquoted(name: string): string {
  return name.replaceAll('``', '`');
}
