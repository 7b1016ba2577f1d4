/**
 * The first pass over a YAML text: what is refused by its tokens alone, before anything recursive runs.
 * Knows the grammar of YAML, nothing of what a project may say.
 */
import { CST, Lexer, Parser } from 'yaml';

/** Levels of nesting in one file. The deepest useful project has about twenty. */
export const maxDepth = 100;
/** Aliases (`*name`) in one file. */
export const maxAliases = 100;

export interface LexicalFinding {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** UTF-16 code units from the start of the text; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface Lexed {
  readonly tokens: readonly CST.Token[];
  /** Offset of each line's first code unit. */
  readonly lineStarts: readonly number[];
  readonly findings: readonly LexicalFinding[];
}

/** Reads the tokens of a text, and stops at the first thing that must not be composed. */
export function lex(text: string): Lexed {
  const tokens: CST.Token[] = [];
  const lineStarts: number[] = [0];
  const refused = (finding: LexicalFinding): Lexed => ({ tokens: [], lineStarts, findings: [finding] });
  const parser = new Parser((offset) => lineStarts.push(offset));
  let start = 0;
  let aliases = 0;
  let previous = '';
  for (const lexeme of new Lexer().lex(text)) {
    const type = markers.has(lexeme) ? null : CST.tokenType(lexeme);
    const end = markers.has(lexeme) ? start : start + lexeme.length;
    const finding =
      previous === CST.SCALAR ? undefined : refuse(type, lexeme, previousPlain(previous), start, end);
    if (finding) return refused(finding);
    if (type === 'alias' && previous !== CST.SCALAR && ++aliases > maxAliases) {
      return refused(aliasFinding(start, end));
    }
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth) return refused(depthFinding(start, end));
    previous = previous === CST.SCALAR ? plain + lexeme : lexeme;
    start = end;
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens, lineStarts, findings: [] };
}

/** Tokens that the lexer puts between those of the text, without width. */
const markers: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);
/** Marks a plain scalar in `previous`: control characters cannot occur in the text by now. */
const plain = '\u0000';

function previousPlain(previous: string): string | undefined {
  return previous.startsWith(plain) ? previous.slice(plain.length) : undefined;
}

function refuse(
  type: string | null,
  lexeme: string,
  before: string | undefined,
  start: number,
  end: number,
): LexicalFinding | undefined {
  if (type === 'tag') {
    return {
      code: 'YAML_TAG',
      // Without its text: a password that begins with "!" is one.
      message: 'A tag ("!…") is not part of the language.',
      hint: 'remove it, or put the text in quotes',
      start,
      end,
    };
  }
  if (type === 'directive-line' && !/^%YAML +1\.2\s*$/.test(lexeme)) {
    return {
      code: 'YAML_DIRECTIVE',
      message: 'YAML directives are not part of the language.',
      hint: 'remove the line',
      start,
      end,
    };
  }
  if (before === undefined) return undefined;
  if (type === 'flow-map-start' && before.endsWith('$')) {
    return unquoted('A reference "${…}"', '"${env:NAME}"', start - 1, end);
  }
  if (type === 'flow-seq-start' && /^\$jwt\b/.test(before)) {
    return unquoted('A claim written with brackets', `'$jwt["name"]'`, start - before.length, end);
  }
  return undefined;
}

function unquoted(what: string, example: string, start: number, end: number): LexicalFinding {
  return {
    code: 'YAML_UNQUOTED_REFERENCE',
    message: `${what} must be quoted inside { } and [ ], where YAML gives the brackets a meaning of their own.`,
    hint: `write it in quotes: ${example}`,
    start,
    end,
  };
}

function aliasFinding(start: number, end: number): LexicalFinding {
  return {
    code: 'YAML_ALIASES',
    message: `The file has more than ${maxAliases} aliases.`,
    hint: 'write the values out, or use fewer aliases',
    start,
    end,
  };
}

function depthFinding(start: number, end: number): LexicalFinding {
  return {
    code: 'YAML_TOO_DEEP',
    message: `The file is nested more than ${maxDepth} levels deep.`,
    hint: 'make it flatter',
    start,
    end,
  };
}
