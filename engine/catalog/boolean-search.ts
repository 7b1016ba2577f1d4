/**
 * Search queries → the notation of MySQL's and MariaDB's full-text search in boolean mode: `+cat -dog (a b) "a phrase" begin*`.
 * Pure; linear. Nothing of a caller's text gets there but words, so no sign of it can mean anything.
 */

/** How a text is to be read: as `to_tsquery` reads it, or as words, as a phrase, or as people write to search engines. */
export type SearchForm = 'fts' | 'plfts' | 'phfts' | 'wfts';

type Search =
  /** One word, or several in a row; `begins`: the word begins so. */
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly begins: boolean }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Search[] }
  | { readonly kind: 'not'; readonly of: Search };

/** What boolean mode has no words for, in a form that can follow "a search cannot". */
export class SearchError extends Error {}

/**
 * @param text of `fts` one that `isSearchQuery` holds for
 * @returns empty: it finds nothing
 * @throws {SearchError} it cannot be said in boolean mode
 */
export function toBooleanSearch(text: string, form: SearchForm): string {
  const search = simple(read(text, form));
  if (search === undefined) return '';
  if (search.kind === 'not') throw new SearchError('leave out words without asking for any');
  return membersOf(search);
}

function read(text: string, form: SearchForm): Search | undefined {
  switch (form) {
    case 'fts':
      return new QueryReader(text).read();
    case 'plfts':
      return { kind: 'and', of: wordsIn(text).map((word) => words([word])) };
    case 'phfts':
      return words(wordsIn(text));
    case 'wfts':
      return readWeb(text);
    default:
      return form satisfies never;
  }
}

function words(list: readonly string[], begins = false): Search {
  return { kind: 'words', words: list, begins };
}

/** Runs of letters, digits and underscores, which are what both servers take for words. */
function wordsIn(text: string): readonly string[] {
  return text.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
}

/** `cats "in bed" or dogs -birds`: `or` parts, `-` leaves out. */
function readWeb(text: string): Search {
  const parts = text.match(/-?"[^"]*"?|\S+/g) ?? [];
  const alternatives: Search[][] = [[]];
  for (const part of parts) {
    if (/^or$/i.test(part)) {
      alternatives.push([]);
      continue;
    }
    const found = words(wordsIn(part));
    alternatives.at(-1)!.push(part.startsWith('-') ? { kind: 'not', of: found } : found);
  }
  return { kind: 'or', of: alternatives.map((of): Search => ({ kind: 'and', of })) };
}

/** Reads what `isSearchQuery` has found to be well-formed. `!` binds closest, then `<->`, `&` and `|`. */
class QueryReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens =
      text.match(/'(?:[^'\\]|''|\\.)+'(?::\S*)?|[&|!()]|<[^>]*>|(?:[^\s'\\&|!()<>]|\\.)+/gs) ?? [];
  }

  read(): Search | undefined {
    return this.#tokens.length === 0 ? undefined : this.#list('|');
  }

  #list(sign: '|' | '&'): Search {
    const of: Search[] = [];
    do of.push(sign === '|' ? this.#list('&') : this.#phrase());
    while (this.#eat(sign));
    return { kind: sign === '|' ? 'or' : 'and', of };
  }

  #phrase(): Search {
    let left: Search = this.#operand();
    for (let sign = this.#tokens[this.#at]; sign?.startsWith('<'); sign = this.#tokens[this.#at]) {
      this.#at += 1;
      const right = this.#operand();
      if (!isPlain(left) || !isPlain(right) || !/^<(?:-|0*1)>$/.test(sign))
        throw new SearchError('say how far apart words are, or that anything but a word follows one');
      left = words([...left.words, ...right.words]);
    }
    return left;
  }

  #operand(): Search {
    if (this.#eat('!')) return { kind: 'not', of: this.#operand() };
    if (this.#eat('(')) {
      const inner = this.#list('|');
      this.#eat(')');
      return inner;
    }
    return wordOf(this.#tokens[this.#at++] ?? '');
  }

  #eat(sign: string): boolean {
    if (this.#tokens[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }
}

function isPlain(search: Search): search is Extract<Search, { kind: 'words' }> {
  return search.kind === 'words' && !search.begins;
}

function wordOf(token: string): Search {
  const [, word = '', weights = ''] = /^('(?:[^'\\]|''|\\.)+'|(?:[^:\\]|\\.)+)(?::(.*))?$/s.exec(token) ?? [];
  if (/[abcd]/i.test(weights)) throw new SearchError('ask for the weight of a word');
  const plain = (word.startsWith("'") ? word.slice(1, -1).replaceAll("''", "'") : word).replace(
    /\\(.)/gs,
    '$1',
  );
  const found = wordsIn(plain);
  const begins = weights.includes('*');
  if (begins && found.length > 1) throw new SearchError('ask for the beginning of more than one word');
  return words(found, begins);
}

/** Without lists of one and double negations; undefined: nothing is left of it. */
function simple(search: Search | undefined): Search | undefined {
  if (search === undefined) return undefined;
  switch (search.kind) {
    case 'words':
      return search.words.length === 0 ? undefined : search;
    case 'not': {
      const of = simple(search.of);
      if (of === undefined) return undefined;
      return of.kind === 'not' ? of.of : { kind: 'not', of };
    }
    default: {
      const of = search.of.map(simple).filter((one) => one !== undefined);
      return of.length > 1 ? { kind: search.kind, of } : of[0];
    }
  }
}

/** `+a -b`, `a b`, or a word. */
function membersOf(search: Search): string {
  switch (search.kind) {
    case 'words':
      return search.words.length === 1 ? `+${itemOf(search)}` : itemOf(search);
    case 'or':
      if (search.of.some(({ kind }) => kind === 'not'))
        throw new SearchError('ask for a word or for the lack of another');
      return search.of.map(itemOf).join(' ');
    case 'and':
      if (search.of.every(({ kind }) => kind === 'not'))
        throw new SearchError('leave out words without asking for any');
      return search.of
        .map((one) => (one.kind === 'not' ? `-${itemOf(one.of)}` : `+${itemOf(one)}`))
        .join(' ');
    case 'not':
      throw new SearchError('leave out words without asking for any');
    default:
      return search satisfies never;
  }
}

function itemOf(search: Search): string {
  if (search.kind !== 'words') return `(${membersOf(search)})`;
  const [first] = search.words;
  if (search.words.length === 1) return search.begins ? `${first}*` : first!;
  return `"${search.words.join(' ')}"`;
}
