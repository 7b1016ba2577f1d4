/** Values as YAML in one form only: the same bytes on every machine, and one line for what a reviewer reads as one thing. */

/** Keys in the order given; a pair whose value is undefined is left out. */
export type Entries = readonly (readonly [key: string, value: Canonical | undefined])[];
export type Canonical = string | number | boolean | null | CanonicalMap | readonly Canonical[];

/** A map whose order is kept, whatever its keys are. */
export class CanonicalMap {
  readonly entries: readonly (readonly [string, Canonical])[];

  constructor(entries: Entries) {
    this.entries = entries.filter((entry): entry is [string, Canonical] => entry[1] !== undefined);
  }
}

/** Longer maps and lists in a list go over several lines. */
const maxInline = 120;

/** Pure; ends with a line end. */
export function canonicalYaml(map: CanonicalMap): string {
  return block(map, '');
}

function block(map: CanonicalMap, indent: string): string {
  return map.entries
    .map(([key, value]) => `${indent}${scalar(key)}:${valueBehind(value, indent)}\n`)
    .join('');
}

function valueBehind(value: Canonical, indent: string): string {
  const inner = `${indent}  `;
  if (value instanceof CanonicalMap)
    return value.entries.length === 0 ? ' {}' : `\n${block(value, inner).slice(0, -1)}`;
  if (isList(value)) {
    const line = inline(value);
    if (value.every(isScalar) && fits(line)) return ` ${line}`;
    return value.map((item) => `\n${inner}- ${listItem(item, inner)}`).join('');
  }
  if (typeof value === 'string' && isProse(value)) return ` |-\n${indentLines(value, inner)}`;
  return ` ${scalar(value)}`;
}

function listItem(item: Canonical, indent: string): string {
  const line = inline(item);
  if (!(item instanceof CanonicalMap) || fits(line)) return line;
  return block(item, `${indent}  `).trim();
}

function fits(line: string): boolean {
  return line.length <= maxInline;
}

function inline(value: Canonical): string {
  if (value instanceof CanonicalMap)
    return `{ ${value.entries.map(([key, item]) => `${scalar(key)}: ${inline(item)}`).join(', ')} }`;
  if (isList(value)) return value.length === 0 ? '[]' : `[${value.map(inline).join(', ')}]`;
  return scalar(value);
}

function isList(value: Canonical): value is readonly Canonical[] {
  return Array.isArray(value);
}

function isScalar(value: Canonical): boolean {
  return !(value instanceof CanonicalMap) && !isList(value);
}

const words = /^[A-Za-z_][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*$/;
const reserved = /^(?:true|false|null)$/i;
/** What a double-quoted text of JSON may hold and YAML may not. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/g;

/** Plain where no reader could take it for anything else, else in the double quotes of JSON, which are YAML's too. */
function scalar(value: string | number | boolean | null | Canonical): string {
  if (typeof value !== 'string') return String(value);
  if (words.test(value) && !reserved.test(value)) return value;
  return JSON.stringify(value).replace(
    // A pair of surrogates is one printable character; only a lone one is escaped.
    /[\ud800-\udbff][\udc00-\udfff]|[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/g,
    (character) => (character.length === 2 ? character : escaped(character)),
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Several lines that a literal block gives back exactly. */
function isProse(text: string): boolean {
  return (
    text.includes('\n') &&
    !/^\s|\s$|[^\S\n]\n|\r|\t/.test(text) &&
    !/[\u0000-\u0009\u000b-\u001f]/.test(text) &&
    text.search(unprintable) < 0
  );
}

function indentLines(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`))
    .join('\n');
}
