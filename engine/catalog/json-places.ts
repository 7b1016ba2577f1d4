/**
 * Where MySQL's containment of JSON is wider than PostgreSQL's. To MySQL a list contains whatever one of its elements does,
 * however deep: `{"a": [1]}` contains `{"a": 1}`. So a row is looked at where the value has no list, or has one. Pure.
 */

/** A list of the row must have this element itself; without one, the path must find nothing. */
export interface Place {
  readonly p: string;
  /** JSON text. */
  readonly e?: string;
}

/**
 * What must hold of a row besides what MySQL says, if it is to contain the value.
 *
 * @param text JSON
 */
export function placesOfLists(text: string): readonly Place[] {
  const elements: Place[] = [];
  const paths = new Set<string>();
  // `item`: of a list that is asked for it. `deep`: further in, where no element can be asked for by its path.
  const walk = (value: unknown, path: string, where: 'plain' | 'item' | 'deep') => {
    if (Array.isArray(value)) {
      if (where === 'plain') elements.push(...value.map((item) => ({ p: path, e: JSON.stringify(item) })));
      for (const item of value) walk(item, `${path}[*]`, where === 'plain' ? 'item' : 'deep');
      return;
    }
    if (where !== 'item') paths.add(`${path}[*]`);
    if (isObject(value))
      for (const [key, part] of Object.entries(value))
        walk(part, member(path, key), where === 'plain' ? 'plain' : 'deep');
  };
  const value = parse(text);
  // A list may contain a plain value, but no list in it.
  if (!Array.isArray(value) && !isObject(value)) return [{ p: '$', e: text }];
  walk(value, '$', 'plain');
  return [...elements, ...[...paths].map((p) => ({ p }))];
}

/** Paths of the lists of a value that is to contain a row's, but for those within lists. */
export function listsOf(text: string): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (Array.isArray(value)) found.push(path);
    else if (isObject(value)) for (const [key, part] of Object.entries(value)) walk(part, member(path, key));
  };
  walk(parse(text), '$');
  return found;
}

/** Numbers stay as they are written. */
function parse(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, { source }: { readonly source?: string }) =>
    typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
  );
}

function member(path: string, key: string): string {
  return `${path}.${JSON.stringify(key)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
