/** The project's *.graphql files → its operations, each with the fragments that it uses, and what is wrong with the files. Pure. */
import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  getLocation,
  type Location,
  type OperationDefinitionNode,
  parse,
  Source as Text,
  visit,
} from 'graphql';
import type { Diagnostic, Source, Staged } from '../../schema/diagnostic.ts';
import type { SourceFile } from '../../schema/folder.ts';
import { didYouMean } from '../../schema/nearest.ts';

/** An operation as the files have it: its nodes know their places. */
export interface WrittenOperation {
  readonly name: string;
  readonly operation: OperationDefinitionNode;
  /** Those that it uses, themselves or through others, in the order of their first use. */
  readonly fragments: readonly FragmentDefinitionNode[];
  /** Text of its file, when nothing else is in it and nothing of it is elsewhere. */
  readonly whole: string | undefined;
}

/** Levels of brackets in a file; the parser recurses. */
const maxNesting = 200;

/** @returns operations that can be read, in the order of files and lines; those that lack a fragment are left out */
export function readDocuments(files: readonly SourceFile[]): Staged<readonly WrittenOperation[]> {
  const diagnostics: Diagnostic[] = [];
  const parsed = files.map((file) => ({ file, definitions: parseFile(file, diagnostics) }));
  const definitions = parsed.flatMap((one) => one.definitions);
  const fragments = byName(definitions.filter(isFragment), 'Fragment', 'FRAGMENT_TWICE', diagnostics);
  const operations = byName(definitions.filter(isOperation), 'Operation', 'OPERATION_TWICE', diagnostics);
  const used = new Set<string>();
  // A file that cannot be read may hold what seems not to be there.
  const complete = !diagnostics.some(({ code }) => code === 'GRAPHQL_SYNTAX');
  for (const fragment of fragments.values()) checkSpreads(fragment, fragments, complete, diagnostics);
  const value = [...operations].flatMap(([name, operation]): WrittenOperation[] => {
    const found = checkSpreads(operation, fragments, complete, diagnostics);
    const reached = reachable(operation, fragments);
    for (const fragment of reached.fragments) used.add(fragment.name.value);
    if (!found || !reached.complete) return [];
    const own = parsed.find((one) => one.definitions.includes(operation))!;
    const alone =
      own.definitions.length === 1 + reached.fragments.length &&
      reached.fragments.every((fragment) => own.definitions.includes(fragment));
    return [{ name, operation, fragments: reached.fragments, whole: alone ? own.file.text : undefined }];
  });
  for (const [name, fragment] of fragments) {
    if (used.has(name) || !complete) continue;
    diagnostics.push({
      code: 'FRAGMENT_NOT_USED',
      severity: 'warning',
      message: `No operation uses fragment "${name}", so nothing checks it.`,
      hint: 'remove it, or spread it in an operation',
      source: placeOf(fragment.name.loc!),
    });
  }
  return { value, diagnostics };
}

export function placeOf({ source, start, end }: Location): Source {
  const [from, to] = [getLocation(source, start), getLocation(source, end)];
  return {
    file: source.name,
    span: {
      start: { line: from.line, column: from.column },
      end: { line: to.line, column: to.column },
    },
  };
}

type Named<Node> = Node & { readonly name: { readonly value: string; readonly loc?: Location } };

function parseFile({ path, text }: SourceFile, diagnostics: Diagnostic[]): readonly DefinitionNode[] {
  const source = new Text(text, path);
  try {
    // A file with nothing but comments is one that somebody has begun.
    if (/^(?:\s|,|\ufeff|#.*)*$/.test(text)) return [];
    refuseNesting(text, source);
    return parse(source).definitions.filter((definition) => isOurs(definition, diagnostics));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const at = error.locations?.[0] ?? { line: 1, column: 1 };
    diagnostics.push({
      code: 'GRAPHQL_SYNTAX',
      severity: 'error',
      message: `This is not GraphQL: ${error.message.replace(/^Syntax Error: |\.$/g, '')}.`,
      hint: 'write operations as in: query BookList { books { id } }',
      source: { file: path, span: { start: at, end: { line: at.line, column: at.column + 1 } } },
    });
    return [];
  }
}

function refuseNesting(text: string, source: Text): void {
  let level = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (char === '{' || char === '[' || char === '(') level += 1;
    else if (char === '}' || char === ']' || char === ')') level -= 1;
    if (level > maxNesting)
      throw new GraphQLError(`it nests deeper than ${maxNesting} levels`, { source, positions: [index] });
  }
}

function isOurs(definition: DefinitionNode, diagnostics: Diagnostic[]): boolean {
  if (isFragment(definition) || (isOperation(definition) && definition.name !== undefined)) return true;
  const source = placeOf(definition.loc!);
  const start = { start: source.span.start, end: source.span.start };
  diagnostics.push(
    isOperation(definition)
      ? {
          code: 'OPERATION_ANONYMOUS',
          severity: 'error',
          message: 'The operation has no name.',
          hint: `name it, as in: ${definition.operation} BookList { … }`,
          source: { ...source, span: start },
        }
      : {
          code: 'NO_OPERATION',
          severity: 'error',
          message: 'Only operations and fragments belong in this folder; this defines something else.',
          hint: 'the schema comes from tables: and functions:; remove it',
          source: { ...source, span: start },
        },
  );
  return false;
}

function isOperation(node: DefinitionNode): node is Named<OperationDefinitionNode> {
  return node.kind === 'OperationDefinition';
}

function isFragment(node: DefinitionNode): node is FragmentDefinitionNode {
  return node.kind === 'FragmentDefinition';
}

/** The first of each name; a second is an error that shows both. */
function byName<Node extends Named<object>>(
  nodes: readonly Node[],
  what: string,
  code: string,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Node> {
  const named = new Map<string, Node>();
  for (const node of nodes) {
    const { value: name, loc } = node.name;
    const first = named.get(name);
    if (first === undefined) {
      named.set(name, node);
      continue;
    }
    diagnostics.push({
      code,
      severity: 'error',
      message: `${what} "${name}" is written twice.`,
      hint: 'give one of them another name; names are unique in all files of the folder',
      source: placeOf(loc!),
      related: [{ message: 'The first is here.', source: placeOf(first.name.loc!) }],
    });
  }
  return named;
}

/** @returns whether every fragment that the definition spreads itself is there */
function checkSpreads(
  definition: DefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  complete: boolean,
  diagnostics: Diagnostic[],
): boolean {
  const missing = spreadsOf(definition).filter((spread) => !fragments.has(spread.name.value));
  for (const { name } of complete ? missing : [])
    diagnostics.push({
      code: 'FRAGMENT_NOT_FOUND',
      severity: 'error',
      message: `No file of the folder has a fragment "${name.value}".`,
      hint: didYouMean(name.value, fragments.keys()) ?? 'write it in any of the folder’s files',
      source: placeOf(name.loc!),
    });
  return missing.length === 0;
}

function reachable(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): { readonly fragments: readonly FragmentDefinitionNode[]; readonly complete: boolean } {
  const reached = new Set<FragmentDefinitionNode>();
  let complete = true;
  const follow = (definition: DefinitionNode): void => {
    for (const spread of spreadsOf(definition)) {
      const fragment = fragments.get(spread.name.value);
      if (fragment === undefined) complete = false;
      else if (!reached.has(fragment)) {
        reached.add(fragment);
        follow(fragment);
      }
    }
  };
  follow(operation);
  return { fragments: [...reached], complete };
}

function spreadsOf(definition: DefinitionNode): readonly FragmentSpreadNode[] {
  const spreads: FragmentSpreadNode[] = [];
  visit(definition, {
    FragmentSpread(node) {
      spreads.push(node);
    },
  });
  return spreads;
}
