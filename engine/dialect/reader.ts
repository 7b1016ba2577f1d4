/** Reads a statement's tokens from left to right. Knows no dialect and no grammar. */

export interface Token {
  /** A `name` is a quoted one; a `text` is a literal in quotes. */
  readonly kind: 'word' | 'name' | 'text' | 'other';
  /** As it is written, or as the server takes it where it folds words; a name without its quotes. */
  readonly value: string;
  /** A word in lower case, or a sign; empty for names and texts, which are no keywords. */
  readonly keyword: string;
}

const opening = new Set(['(', '[']);
const closing = new Set([')', ']']);

export class Reader {
  #at = 0;
  readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get ended(): boolean {
    return this.#at >= this.tokens.length;
  }

  /** How many tokens are behind it. */
  get at(): number {
    return this.#at;
  }

  /** The keyword that comes, or one behind it; empty where there is none. */
  keyword(ahead = 0): string {
    return this.tokens[this.#at + ahead]?.keyword ?? '';
  }

  next(): Token | undefined {
    return this.tokens[this.#at++];
  }

  /** Takes the keywords, parted by blanks, if all of them come. */
  takes(keywords: string): boolean {
    const first = this.keyword();
    if (first === '' || !keywords.startsWith(first)) return false;
    const words = keywords.split(' ');
    if (!words.every((word, index) => this.keyword(index) === word)) return false;
    this.#at += words.length;
    return true;
  }

  takesOne(...keywords: readonly string[]): string | undefined {
    return keywords.find((each) => this.takes(each));
  }

  /** `name`, `schema.name` and so on; undefined where none comes. Only a part that holds a dot or a quote keeps its quotes. */
  name(): string | undefined {
    const parts: string[] = [];
    for (;;) {
      const token = this.tokens[this.#at];
      if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) return undefined;
      parts.push(/[."]/.test(token.value) ? `"${token.value.replaceAll('"', '""')}"` : token.value);
      this.#at += 1;
      if (this.keyword() !== '.') return parts.join('.');
      this.#at += 1;
    }
  }

  /** Goes behind what is in parentheses, if they come. */
  skipsGroup(): boolean {
    if (!opening.has(this.keyword())) return false;
    let depth = 0;
    do {
      const { keyword } = this.next()!;
      if (opening.has(keyword)) depth += 1;
      if (closing.has(keyword)) depth -= 1;
    } while (depth > 0 && !this.ended);
    return true;
  }

  /** Goes to the first keyword of these that stands outside parentheses; to the end where there is none. */
  skipTo(...keywords: readonly string[]): boolean {
    while (!this.ended) {
      if (keywords.includes(this.keyword())) return true;
      if (!this.skipsGroup()) this.next();
    }
    return false;
  }

  rest(): readonly Token[] {
    return this.tokens.slice(this.#at);
  }

  /** What is in the parentheses that come. */
  group(): readonly Token[] {
    const start = this.#at + 1;
    return this.skipsGroup() ? this.tokens.slice(start, this.#at - 1) : [];
  }
}

/** Parts at commas that stand outside parentheses. */
export function parted(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (opening.has(token.keyword)) depth += 1;
    if (closing.has(token.keyword)) depth -= 1;
    if (token.keyword === ',' && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

/** Whether each parenthesis has its other one. */
export function isBalanced(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const { keyword } of tokens) {
    if (opening.has(keyword)) depth += 1;
    if (closing.has(keyword)) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Whether the keywords follow one another outside parentheses. */
export function has(tokens: readonly Token[], keywords: string): boolean {
  const reader = new Reader(tokens);
  while (!reader.ended) {
    if (reader.takes(keywords)) return true;
    if (!reader.skipsGroup()) reader.next();
  }
  return false;
}

/** Whether one of the keywords is among them, in parentheses too. */
export function mentions(tokens: readonly Token[], ...keywords: readonly string[]): boolean {
  return tokens.some(({ keyword }) => keyword !== '' && keywords.includes(keyword));
}
