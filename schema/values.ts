/** The nodes of one YAML document → values, exact and without prototypes, with what the language refuses in them. */
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Diagnostic, Source } from './diagnostic.ts';
import type { Literal } from './predicate.ts';

/** Values that aliases may add to one file, counted each time they are used. */
const maxAliasedValues = 10_000;

/** Turns nodes into values, in the order of the text, so that an alias finds the anchor that was last before it. */
export class Walk {
  readonly diagnostics: Diagnostic[] = [];
  /** Where each alias leads. */
  readonly targets = new Map<Alias, Node>();
  readonly #place: (start: number, end: number) => Source;
  readonly #anchors = new Map<string, { node: Node; value: Literal | undefined; size: number }>();
  #size = 0;
  #aliased = 0;

  constructor(place: (start: number, end: number) => Source) {
    this.#place = place;
  }

  value(node: Node | null | undefined): Literal {
    this.#size++;
    if (!node) return null;
    if (isAlias(node)) return this.#alias(node);
    const anchor = 'anchor' in node ? node.anchor : undefined;
    const entry = { node, value: undefined as Literal | undefined, size: 0 };
    if (anchor) this.#anchors.set(anchor, entry);
    const before = this.#size;
    const value = this.#content(node);
    entry.value = value;
    entry.size = this.#size - before + 1;
    return value;
  }

  #content(node: Node): Literal {
    if (isMap(node)) return this.#map(node.items);
    if (isSeq(node)) return Object.freeze(node.items.map((item) => this.#item(item)));
    if (isScalar(node)) return this.#scalar(node.value, node.source, node);
    return null;
  }

  /** `[a: 1]` is a pair in a list to the package. */
  #item(item: unknown): Literal {
    if (isPair(item)) return this.#map([item as Pair]);
    return this.value(item as Node | null);
  }

  #map(pairs: readonly Pair[]): Literal {
    const result: Record<string, Literal> = Object.create(null);
    const first = new Map<string, Source>();
    for (const pair of pairs) {
      const key = this.#key(pair);
      const value = this.value(pair.value as Node | null);
      if (key === undefined) continue;
      const source = this.#source(pair.key as Node);
      const earlier = first.get(key);
      if (earlier) this.#duplicate(key, source, earlier);
      else first.set(key, source);
      result[key] = value;
    }
    return Object.freeze(result);
  }

  /** A key is text as it is written: `no:` and `2024:` too. */
  #key(pair: Pair): string | undefined {
    const key = pair.key as Node | null;
    if (isScalar(key) && typeof key.value === 'string') {
      if (key.value === '<<' && key.type === 'PLAIN') {
        this.#error(
          'YAML_MERGE_KEY',
          'Merge keys ("<<") are not part of YAML 1.2.',
          'write the keys out',
          key,
        );
      }
      return key.value;
    }
    if (isScalar(key) && key.source) return key.source;
    const at = key ?? (pair.value as Node | null);
    this.#error('YAML_KEY', 'A key must be a text.', 'write the key in quotes', at);
    return undefined;
  }

  #scalar(value: unknown, source: string | undefined, node: Node): Literal {
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (typeof value === 'number') return this.#decimal(value, source ?? '', node);
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    return null;
  }

  /** A number is kept as a double, so one that a double cannot hold is refused rather than rounded. */
  #decimal(value: number, source: string, node: Node): Literal {
    if (!Number.isFinite(value) || significant(source) !== significant(String(value))) {
      const message = 'The number cannot be kept exactly.';
      this.#error('YAML_NUMBER', message, "write it in quotes: a text is read as the column's type", node);
    }
    return value;
  }

  #alias(node: Alias): Literal {
    const anchor = this.#anchors.get(node.source);
    if (!anchor) {
      this.#error(
        'YAML_ALIAS',
        // Without its name: a password that begins with "*" is one.
        'There is no anchor for this alias ("*…") before it.',
        'name an anchor, or put the text in quotes',
        node,
      );
      return null;
    }
    if (anchor.value === undefined) {
      const message = `The alias "*${node.source}" stands inside the value that it names.`;
      this.#error('YAML_ALIAS', message, 'write the value out', node);
      return null;
    }
    this.targets.set(node, anchor.node);
    this.#size += anchor.size;
    const within = this.#aliased <= maxAliasedValues;
    this.#aliased += anchor.size;
    if (within && this.#aliased > maxAliasedValues) {
      const message = `Aliases add more than ${maxAliasedValues} values to the file.`;
      this.#error('YAML_ALIASES', message, 'write the values out, or use fewer aliases', node);
    }
    return anchor.value;
  }

  #duplicate(key: string, source: Source, earlier: Source): void {
    this.diagnostics.push({
      code: 'YAML_DUPLICATE_KEY',
      severity: 'error',
      message: `The key "${key}" is written twice.`,
      hint: 'keep one of them',
      source,
      related: [{ message: 'The first one is here.', source: earlier }],
    });
  }

  #error(code: string, message: string, hint: string, node: Node | null): void {
    this.diagnostics.push({ code, severity: 'error', message, hint, source: this.#source(node) });
  }

  #source(node: Node | null): Source {
    return this.#place(node?.range?.[0] ?? 0, node?.range?.[1] ?? 0);
  }
}

/** Digits that count, so that `1.50` and `1.5` are one number. */
function significant(number: string): string {
  const digits = number
    .toLowerCase()
    .split('e')[0]!
    .replace(/[^0-9]/g, '');
  return digits.replace(/^0+/, '').replace(/0+$/, '');
}

/** A key as it is written; `no:` and `2024:` are text too. */
export function keyText(key: { value: unknown; source?: string | undefined }): string | undefined {
  return typeof key.value === 'string' ? key.value : key.source;
}
