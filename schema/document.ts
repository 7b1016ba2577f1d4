/**
 * One YAML text as values with their places: YAML 1.2 core, within budgets, integers exact.
 * Knows nothing of what a project may say.
 */
import { Composer, isAlias, isMap, isPair, isScalar, isSeq, type Node, type YAMLError } from 'yaml';
import type { Diagnostic, Position, Source } from './diagnostic.ts';
import { lex } from './lexemes.ts';
import type { Literal, Path } from './predicate.ts';
import { keyText, Walk } from './values.ts';

/** UTF-8 bytes of one file. */
export const maxBytes = 1_000_000;
/** Findings of the YAML parser that one file reports; more of them are consequences of the first. */
const maxSyntaxErrors = 10;

export interface YamlDocument {
  readonly file: string;
  /** Objects have no prototype, so that any key is only a key. `undefined`: nothing but comments. */
  readonly value: Literal | undefined;
  /** Place of the value (or the key) at `path`; of the nearest ancestor that was written when there is none. */
  readonly locate: (path: Path, part?: 'key' | 'value') => Source;
}

export interface ParsedDocument {
  /** Absent when the text is not YAML that the language reads. */
  readonly document?: YamlDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one file. Pure. */
export function parseDocument(file: string, source: string): ParsedDocument {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const refused = checkText(file, text);
  if (refused) return { diagnostics: [refused] };
  const { tokens, lineStarts, findings } = lex(text);
  const place = (start: number, end: number): Source => ({
    file,
    span: { start: positionOf(lineStarts, start), end: positionOf(lineStarts, Math.max(start, end)) },
  });
  if (findings.length > 0) {
    return {
      diagnostics: findings.map(({ code, message, hint, start, end }) => ({
        code,
        severity: 'error',
        message,
        hint,
        source: place(start, end),
      })),
    };
  }
  const documents = [...new Composer(composing).compose(tokens)];
  const errors = documents.flatMap((document) => document.errors).slice(0, maxSyntaxErrors);
  if (errors.length > 0) {
    return {
      diagnostics: errors.map((error) => syntaxError(error, place(error.pos[0], error.pos[1]))),
    };
  }
  const [document, second] = documents;
  if (second) return { diagnostics: [severalDocuments(place(second.range[0], second.range[0]))] };
  const root = document?.contents ?? undefined;
  const walk = new Walk(place);
  const value = isEmpty(root) ? undefined : walk.value(root);
  if (walk.diagnostics.length > 0) return { diagnostics: walk.diagnostics };
  return {
    document: { file, value, locate: (path, part = 'value') => locate(walk, root, path, part, place) },
    diagnostics: [],
  };
}

const composing = {
  version: '1.2',
  schema: 'core',
  intAsBigInt: true,
  merge: false,
  prettyErrors: false,
  // The package compares every pair of keys; `Walk` finds duplicates in one pass.
  uniqueKeys: false,
} as const;

function checkText(file: string, text: string): Diagnostic | undefined {
  if (Buffer.byteLength(text) > maxBytes) {
    return {
      code: 'FILE_TOO_LARGE',
      severity: 'error',
      message: 'The file is larger than 1 MB.',
      hint: 'split it into several files',
      source: { file, span: { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } } },
    };
  }
  const index = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff\ufffe\uffff]/);
  if (index < 0) return undefined;
  const before = text.slice(0, index).split('\n');
  const position = { line: before.length, column: before.at(-1)!.length + 1 };
  const code = text.charCodeAt(index).toString(16).toUpperCase().padStart(4, '0');
  return {
    code: 'YAML_CONTROL_CHARACTER',
    severity: 'error',
    message: `The file contains the character U+${code}, which YAML does not allow.`,
    hint: 'remove the character, or write it as an escape in a double-quoted text',
    source: { file, span: { start: position, end: { ...position, column: position.column + 1 } } },
  };
}

function syntaxError(error: YAMLError, source: Source): Diagnostic {
  // What the parser quotes of the file may be a secret.
  const unquoted = error.message.replace(/( token in YAML stream| includes extra characters): .*$/s, '$1');
  const sentence = unquoted.trim().replace(/\s+/g, ' ').replace(/\.?$/, '.').replace("'quote", 'quote');
  const tab = error.code === 'TAB_AS_INDENT';
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: `This is not valid YAML: ${sentence}`,
    hint: tab
      ? 'indent with spaces'
      : 'look at the indentation, the brackets and the quotes here and just before',
    source,
  };
}

function severalDocuments(source: Source): Diagnostic {
  return {
    code: 'YAML_SEVERAL_DOCUMENTS',
    severity: 'error',
    message: 'The file holds more than one YAML document.',
    hint: 'give each document a file of its own',
    source,
  };
}

function isEmpty(root: Node | undefined): root is undefined {
  // A file of comments, or of `---` alone, has a null without any text.
  return root === undefined || (isScalar(root) && root.value === null && !root.source);
}

function locate(
  walk: Walk,
  root: Node | undefined,
  path: Path,
  part: 'key' | 'value',
  place: (start: number, end: number) => Source,
): Source {
  if (path.length === 0) return place(0, 0);
  let node: Node | null | undefined = root;
  let key: Node | null | undefined;
  let whole = true;
  for (const step of path) {
    const next = child(walk, node, step);
    if (!next) {
      whole = false;
      break;
    }
    key = next.key ?? next.value;
    node = next.value;
  }
  if (!key) return place(0, 0);
  // Of a value that is not there (a missing key, `books:` with nothing behind it), the key is the place to look at.
  const written = node && !(isScalar(node) && node.value === null && !node.source);
  const at = part === 'key' || !whole || !written ? key : node;
  const range = at?.range;
  return range ? place(range[0], range[1]) : place(0, 0);
}

function child(
  walk: Walk,
  node: Node | null | undefined,
  step: string | number,
): { key?: Node | null; value: Node | null } | undefined {
  const target = node && isAlias(node) ? walk.targets.get(node) : node;
  if (isSeq(target)) {
    const item = target.items[Number(step)];
    if (item === undefined) return undefined;
    return { value: (isPair(item) ? ((item.value ?? item.key) as Node) : item) as Node | null };
  }
  if (!isMap(target)) return undefined;
  const pair = target.items.find(({ key }) => isScalar(key) && keyText(key) === String(step));
  return pair && { key: pair.key as Node, value: pair.value as Node | null };
}

function positionOf(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - lineStarts[low]! + 1 };
}
