/** Geometry as a caller sends it, GeoJSON or WKT, as GeoJSON whose shape is right: a wrong one would be NULL to some servers. Pure. */
import type { Type } from './catalog.ts';
import { unreadable } from './value-error.ts';

type Position = readonly [number, number];
type Nested = Position | readonly Nested[];

interface Geometry {
  readonly type: string;
  readonly coordinates?: Nested;
  readonly geometries?: readonly Geometry[];
}

/** How deep positions lie within the coordinates, and what WKT calls the kind. */
const depths: ReadonlyMap<string, number> = new Map([
  ['Point', 0],
  ['LineString', 1],
  ['MultiPoint', 1],
  ['Polygon', 2],
  ['MultiLineString', 2],
  ['MultiPolygon', 3],
]);
const collection = 'GeometryCollection';
const kinds = new Map([...depths.keys(), collection].map((kind) => [kind.toLowerCase(), kind]));

const mostNested = 20;

/**
 * The text of a GeoJSON geometry of two dimensions. `SRID=…;` before WKT is dropped: the column says its reference system.
 *
 * @throws {ValueError} 22P02
 */
export function readGeometry(text: string, type: Type): string {
  const geometry = text.trimStart().startsWith('{') ? parseJson(text) : parseWkt(text);
  const checked = check(geometry, 0);
  if (checked === undefined) throw unreadable(text, type);
  return JSON.stringify(checked);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is needed of it and nothing else: names of reference systems and boxes are left out. */
function check(value: unknown, nested: number): Geometry | undefined {
  if (typeof value !== 'object' || value === null || nested > mostNested) return undefined;
  const { type, coordinates, geometries } = value as { readonly [key: string]: unknown };
  if (typeof type !== 'string') return undefined;
  if (type === collection) {
    if (!Array.isArray(geometries)) return undefined;
    const checked = geometries.map((one) => check(one, nested + 1));
    return checked.every((one) => one !== undefined) ? { type, geometries: checked } : undefined;
  }
  const depth = depths.get(type);
  if (depth === undefined || !isNested(coordinates, depth)) return undefined;
  return isShape(type, coordinates) ? { type, coordinates } : undefined;
}

function isNested(value: unknown, depth: number): value is Nested {
  if (!Array.isArray(value) || value.length === 0) return false;
  if (depth > 0) return value.every((one) => isNested(one, depth - 1));
  return value.length === 2 && value.every((one) => typeof one === 'number' && Number.isFinite(one));
}

/** Lines have two positions, and rings are closed. */
function isShape(type: string, coordinates: Nested): boolean {
  const parts = coordinates as readonly Nested[];
  switch (type) {
    case 'LineString':
      return parts.length >= 2;
    case 'MultiLineString':
      return parts.every((one) => isShape('LineString', one));
    case 'Polygon':
      return parts.every((ring) => isRing(ring as readonly Position[]));
    case 'MultiPolygon':
      return parts.every((one) => isShape('Polygon', one));
    default:
      return true;
  }
}

function isRing(ring: readonly Position[]): boolean {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  return ring.length >= 4 && first[0] === last[0] && first[1] === last[1];
}

/** `POINT(1 2)`, `SRID=4326;POLYGON((…))`: its lists become those of JSON. */
function parseWkt(text: string, nested = 0): unknown {
  if (nested > mostNested) return undefined;
  const [, kind = '', body = ''] = /^\s*(?:SRID\s*=\s*\d+\s*;\s*)?([a-z]+)\s*(\(.*\))\s*$/is.exec(text) ?? [];
  const type = kinds.get(kind.toLowerCase());
  if (type === undefined) return undefined;
  if (type === collection) {
    const parts = partsOf(body.slice(1, -1));
    return { type, geometries: parts.map((part) => parseWkt(part, nested + 1)) };
  }
  const lists = listsOf(body);
  const coordinates = lists === undefined ? undefined : parseJson(lists);
  if (!Array.isArray(coordinates)) return undefined;
  return { type, coordinates: type === 'Point' ? coordinates[0] : flattened(type, coordinates) };
}

/** `((0 0, 1 1))` → `[[[0,0],[1,1]]]`. */
function listsOf(body: string): string | undefined {
  if (/[^-+0-9.eE\s,()]/.test(body)) return undefined;
  return body
    .replace(/[^(),]+/g, (position) => {
      const numbers = position.trim().split(/\s+/);
      if (numbers.length === 1 && numbers[0] === '') return '';
      return `[${numbers.map((one) => String(Number(one))).join(',')}]`;
    })
    .replaceAll('(', '[')
    .replaceAll(')', ']');
}

/** Points of a MULTIPOINT may stand in parentheses of their own. */
function flattened(type: string, coordinates: readonly unknown[]): readonly unknown[] {
  if (type !== 'MultiPoint') return coordinates;
  return coordinates.map((one) => (Array.isArray(one) && one.length === 1 ? one[0] : one));
}

/** At commas outside of parentheses. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
