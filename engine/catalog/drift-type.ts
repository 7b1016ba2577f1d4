/** What became of a type: the same, wider, or another. Pure. */
import { builtinSchema } from './builtin-types.ts';
import type { Type } from './catalog.ts';
import type { DriftKind } from './drift-rules.ts';
import { factsOf } from './fingerprint.ts';
import { typeText } from './type.ts';

export interface TypeChange {
  readonly what: DriftKind;
  /** Follows the thing that has the type: `was text, and is int4`. */
  readonly said: string;
}

/** Empty when it is the same. */
export function compareTypes(locked: Type, live: Type): readonly TypeChange[] {
  if (isSame(locked, live)) return [];
  const [before, after] = [labelsOf(locked), labelsOf(live)];
  if (before !== undefined && after !== undefined && isNamedAlike(locked, live))
    return compareLabels(before, after);
  const said = `was ${typeText(locked)}, and is ${typeText(live)}`;
  return [{ what: widens(locked, live) ? 'type-widened' : 'type-changed', said }];
}

function isSame(a: Type, b: Type): boolean {
  return factsOf(a) === factsOf(b);
}

function labelsOf({ labels, element }: Type): readonly string[] | undefined {
  return labels ?? element?.labels;
}

function isNamedAlike(a: Type, b: Type): boolean {
  return a.schema === b.schema && a.name === b.name && a.family === b.family;
}

function compareLabels(before: readonly string[], after: readonly string[]): readonly TypeChange[] {
  const changes: TypeChange[] = [];
  const gone = before.filter((label) => !after.includes(label));
  const added = after.filter((label) => !before.includes(label));
  if (gone.length > 0) changes.push({ what: 'enum-value-gone', said: `no longer takes ${quoted(gone)}` });
  if (added.length > 0) changes.push({ what: 'enum-value-added', said: `now takes ${quoted(added)} too` });
  const stayed = before.filter((label) => after.includes(label));
  const staying = after.filter((label) => before.includes(label));
  if (stayed.join('\0') !== staying.join('\0'))
    changes.push({ what: 'enum-order-changed', said: 'has its values in another order' });
  return changes;
}

function quoted(labels: readonly string[]): string {
  const few = labels.slice(0, 3).map((label) => JSON.stringify(label));
  return few.join(', ') + (labels.length > 3 ? ` and ${labels.length - 3} more` : '');
}

/** Whether each value of `a` is one of `b`, and reads the same. */
function widens(a: Type, b: Type): boolean {
  if (a.base !== undefined) return b.base === undefined && (isSame(a.base, b) || widens(a.base, b));
  if (b.base !== undefined || a.schema !== b.schema || a.element !== undefined) return false;
  if (a.family !== b.family || a.verbatim !== b.verbatim) return false;
  switch (a.family) {
    case 'integer':
      return holdsIntegers(a, b);
    case 'decimal':
      return holdsDecimals(a, b);
    case 'string':
      return mostCharacters(a) <= leastCharacters(b);
    default:
      return false;
  }
}

function holdsIntegers(a: Type, b: Type): boolean {
  // A year is a number of four digits.
  if ((a.name === 'year') !== (b.name === 'year')) return false;
  const [had, has] = [a.bits ?? 0, b.bits ?? 0];
  return (a.unsigned ?? false) === (b.unsigned ?? false) ? had <= has : a.unsigned === true && had < has;
}

/** More digits before the point; those behind it are printed. */
function holdsDecimals(a: Type, b: Type): boolean {
  if (b.unsigned === true && a.unsigned !== true) return false;
  const [[had, scaled], [has, scales]] = [digitsOf(a), digitsOf(b)];
  return had !== undefined && has !== undefined && had <= has && scaled === scales;
}

function digitsOf({ modifiers }: Type): readonly [number | undefined, number] {
  const [, precision, scale = '0'] = /^\((\d+)(?:,\s*(-?\d+))?\)$/.exec(modifiers) ?? [];
  return [precision === undefined ? undefined : Number(precision), Number(scale)];
}

/** Bytes of a text of MySQL and MariaDB, where a character takes one to four. */
const bytesOf: ReadonlyMap<string, number> = new Map([
  ['tinytext', 255],
  ['text', 65_535],
  ['mediumtext', 16_777_215],
  ['longtext', 4_294_967_295],
]);

/** Not a number for what pads a text or cuts it. */
function mostCharacters({ name, modifiers, schema }: Type): number {
  if (name === 'varchar') return modifiers === '' ? Number.POSITIVE_INFINITY : Number(modifiers.slice(1, -1));
  if (schema === builtinSchema) return name === 'text' ? Number.POSITIVE_INFINITY : Number.NaN;
  return bytesOf.get(name) ?? Number.NaN;
}

function leastCharacters(type: Type): number {
  const { name, schema } = type;
  if (name === 'varchar' || schema === builtinSchema) return mostCharacters(type);
  return Math.floor((bytesOf.get(name) ?? Number.NaN) / (name === 'longtext' ? 1 : 4));
}
