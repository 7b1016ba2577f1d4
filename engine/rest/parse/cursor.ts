/** A place in one parameter's text: reads names and signs forward only, and says where reading failed. */
import type { JsonPath } from '../../api/condition.ts';
import { Problem } from '../../problem/problem.ts';

const end = -1;
const space = 0x20;
const tab = 0x09;
const quote = 0x22;
const backslash = 0x5c;
const dash = 0x2d;
const greater = 0x3e;

/** Most steps of one JSON path. */
const mostSteps = 32;

/** Ends a key of a JSON path that stands without quotes. */
const keyEnds: ReadonlySet<string> = new Set('(:.,>)');

/** ASCII characters that a name may hold without quotes, as PostgREST has it; all others need them. */
const nameCharacters = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ $-')
  nameCharacters[char.charCodeAt(0)] = 1;

export class Cursor {
  /** What is being read, for messages: `select parameter`, `filter`. */
  readonly subject: string;
  readonly text: string;
  at: number;
  /** Whether the name read last stood in quotes: then it is never a word of the grammar. */
  quoted: boolean;

  constructor(subject: string, text: string, at = 0) {
    this.subject = subject;
    this.text = text;
    this.at = at;
    this.quoted = false;
  }

  /** Code of the next character; -1 at the end. */
  peek(): number {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : end;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  startsWith(sign: string): boolean {
    return this.text.startsWith(sign, this.at);
  }

  /** Reads `sign` when it is next. */
  eat(sign: string): boolean {
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  expect(sign: string, hint?: string): void {
    if (!this.eat(sign)) this.fail(`"${sign}"`, hint);
  }

  skipBlanks(): void {
    let code = this.peek();
    while (code === space || code === tab) {
      this.at += 1;
      code = this.peek();
    }
  }

  /** A name of a column, relationship or alias: bare, or in double quotes with backslash escapes. */
  name(expected = 'a name'): string {
    this.skipBlanks();
    if (this.peek() === quote) {
      this.quoted = true;
      return this.quotedText();
    }
    this.quoted = false;
    const from = this.at;
    this.skipName();
    if (this.at === from) this.fail(expected, 'Put names with other characters in double quotes.');
    const last = this.text.charCodeAt(this.at - 1);
    return last === space ? this.text.slice(from, this.at).trimEnd() : this.text.slice(from, this.at);
  }

  private skipName(): void {
    const { text } = this;
    let at = this.at;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code < 128 && nameCharacters[code] === 0) break;
      if (code === dash && text.charCodeAt(at + 1) === greater) break;
      at += 1;
    }
    this.at = at;
  }

  /** `->a->0->>b`: a place within a JSON value; undefined where no arrow stands. `->>` comes last. */
  jsonPath(): JsonPath | undefined {
    if (!this.startsWith('->')) return undefined;
    const steps: (string | number)[] = [];
    let text = false;
    while (this.startsWith('->')) {
      if (text) this.fail('the end of the path', 'Only the last arrow of a path may be ->>.');
      if (steps.length === mostSteps)
        this.fail(`at most ${mostSteps} steps`, 'Make a view for deeper values.');
      this.at += 2;
      text = this.eat('>');
      steps.push(this.jsonStep());
    }
    return { steps, text };
  }

  private jsonStep(): string | number {
    this.skipBlanks();
    if (this.peek() === quote) return this.quotedText();
    const number = /-?[0-9]{1,9}(?=$|->|::|[.,)\s=])/y;
    number.lastIndex = this.at;
    const found = number.exec(this.text);
    if (found !== null) {
      this.at = number.lastIndex;
      return Number(found[0]);
    }
    const from = this.at;
    while (!this.atEnd() && !keyEnds.has(this.text[this.at]!) && !this.startsWith('->')) this.at += 1;
    const key = this.text.slice(from, this.at).trim();
    if (key === '')
      this.fail('a key or a place in a list', 'Put keys with other characters in double quotes.');
    return key;
  }

  /** `::text`, `::double precision`, `::int[]`: the name behind the colons; undefined where there are none. */
  cast(): string | undefined {
    if (!this.eat('::')) return undefined;
    const name = this.name('a type');
    return this.eat('[]') ? `${name}[]` : name;
  }

  /** The text between double quotes, without its escapes. The cursor stands on the opening one. */
  quotedText(): string {
    const close = this.closingQuote();
    if (close === end) {
      this.at = this.text.length;
      this.fail('a closing double quote', 'Close the quotes; a double quote within them is \\".');
    }
    const inner = this.text.slice(this.at + 1, close);
    this.at = close + 1;
    return inner.includes('\\') ? withoutEscapes(inner) : inner;
  }

  /** Where the quote opened at the cursor closes; -1 when it does not. */
  closingQuote(): number {
    const { text } = this;
    for (let at = this.at + 1; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) return at;
      if (code === backslash) at += 1;
    }
    return end;
  }

  /** PGRST100 at the cursor: what was found, what was expected, what to do. */
  fail(expected: string, hint?: string): never {
    throw this.problem(expected, hint);
  }

  problem(expected: string, hint?: string): Problem {
    const found = this.atEnd() ? 'the end' : `"${[...this.text.slice(this.at, this.at + 2)][0]}"`;
    return new Problem('PGRST100', {
      message: `"failed to parse ${this.subject} (${shorten(this.text)})" (line 1, column ${this.at + 1})`,
      details: `Found ${found}, expected ${expected}.`,
      hint: hint ?? null,
    });
  }
}

function withoutEscapes(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) === backslash) at += 1;
    out += text[at] ?? '';
  }
  return out;
}

/** A caller's text in a message: whole when short. */
export function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
