/** Defaults that are known before a row is there. */
import type { Column } from '../../api/api.ts';
import { bareType } from '../../api/operators.ts';
import type { Family } from '../../catalog/catalog.ts';

/** Families whose values a request's text may be taken for as it is. */
const plain: ReadonlySet<Family> = new Set<Family>([
  'boolean', 'integer', 'decimal', 'float', 'string', 'enum', 'array', 'uuid', 'date', 'time', 'timestamp',
]); // biome-ignore format: a list

/**
 * The text of a default that is a constant; null where there is none, so that a row that does not give the column has null.
 * Pure.
 *
 * @returns undefined where the server works the value out, or writes it in a way that is not read here
 */
export function defaultText({ source, type }: Column): string | null | undefined {
  if (source.generated || source.identity !== null) return undefined;
  if (source.default === null || /^NULL\b/i.test(source.default)) return null;
  const constant = source.default.replace(/ ON UPDATE .*$/is, '');
  if (!plain.has(bareType(type).family)) return undefined;
  if (/^-?[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?$/i.test(constant)) return constant;
  // How a backslash is meant depends on the server.
  const [, inside] = /^'((?:[^'\\]|'')*)'$/s.exec(constant) ?? [];
  return inside?.replaceAll("''", "'");
}
