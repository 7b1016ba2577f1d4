/** How large a document may be: counted before validation, through fragments, in time linear in its text. Worker only. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Lexer,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Source,
  visit,
} from 'graphql';
import { beyondLimit, type Refusal } from './refusal.ts';

export interface DocumentLimits {
  /** Lexical tokens of the text. */
  readonly tokens: number;
  /** Levels of brackets of any kind, in the text. */
  readonly nesting: number;
  /** Levels of selections, fragments expanded. */
  readonly depth: number;
  /** Fields, fragments expanded. */
  readonly fields: number;
  /** Aliased fields, fragments expanded. */
  readonly aliases: number;
  /** Root fields of the operation, fragments expanded. */
  readonly roots: number;
  readonly directives: number;
  /** Variables that an operation declares. */
  readonly variables: number;
  /** Operations in one document, of which one is run. */
  readonly operations: number;
}

/** Introspection by the clients' standard document is 15 deep; the largest generated documents have some 2,000 tokens. */
export const defaultLimits: DocumentLimits = Object.freeze({
  tokens: 10_000,
  nesting: 100,
  depth: 30,
  fields: 2_500,
  aliases: 250,
  roots: 50,
  directives: 200,
  variables: 250,
  operations: 100,
});

/**
 * Reads the text's tokens and no more, so that the parser, which recurses, only sees what it can take.
 *
 * @throws {Refusal} NS603; {GraphQLError} a character or string that is no token
 */
export function limitText(text: string, limits: DocumentLimits): void {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let level = 0;
  while (lexer.advance().kind !== '<EOF>') {
    tokens += 1;
    if (tokens > limits.tokens) throw tooMuch('tokens', limits.tokens);
    const { kind } = lexer.token;
    if (kind === '{' || kind === '[' || kind === '(') {
      level += 1;
      if (level > limits.nesting)
        throw beyondLimit('$', `the document nests deeper than ${limits.nesting} levels`);
    } else if (kind === '}' || kind === ']' || kind === ')') level -= 1;
  }
}

/** Sizes of a selection with its fragments expanded; saturating, so that 2^50 is no larger than the limit plus one. */
interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly direct: number;
}

/** @throws {Refusal} NS603, or NS602 for a fragment that contains itself */
export function limitDocument(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: DocumentLimits,
): void {
  limitDirectives(document, limits);
  const operations = document.definitions.filter((node) => node.kind === 'OperationDefinition');
  if (operations.length > limits.operations) throw tooMuch('operations', limits.operations);
  if ((operation.variableDefinitions?.length ?? 0) > limits.variables)
    throw tooMuch('variables', limits.variables);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === 'FragmentDefinition') fragments.set(node.name.value, node);
  const sizes = new Map<string, Size | 'open'>();

  const fragmentSize = (name: string): Size => {
    const known = sizes.get(name);
    if (known === 'open') throw cyclic(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    // An unknown name is validation's to report.
    if (fragment === undefined) return { depth: 0, fields: 0, aliases: 0, direct: 0 };
    sizes.set(name, 'open');
    const size = sizeOf(fragment.selectionSet);
    sizes.set(name, size);
    return size;
  };

  const sizeOf = (set: SelectionSetNode): Size => {
    let [depth, fields, aliases, direct] = [0, 0, 0, 0];
    for (const selection of set.selections) {
      if (selection.kind === 'Field') {
        const inner = selection.selectionSet === undefined ? undefined : sizeOf(selection.selectionSet);
        depth = Math.max(depth, 1 + (inner?.depth ?? 0));
        fields += 1 + (inner?.fields ?? 0);
        aliases += (selection.alias === undefined ? 0 : 1) + (inner?.aliases ?? 0);
        direct += 1;
        continue;
      }
      const inner =
        selection.kind === 'InlineFragment'
          ? sizeOf(selection.selectionSet)
          : fragmentSize(selection.name.value);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields;
      aliases += inner.aliases;
      direct += inner.direct;
    }
    return {
      depth,
      fields: Math.min(fields, limits.fields + 1),
      aliases: Math.min(aliases, limits.aliases + 1),
      direct: Math.min(direct, limits.fields + 1),
    };
  };

  // Fragments that the operation does not use are measured too: validation walks them as well.
  for (const name of fragments.keys()) refuseLarge(fragmentSize(name), limits);
  for (const node of operations) refuseLarge(sizeOf(node.selectionSet), limits);
  if (sizeOf(operation.selectionSet).direct > limits.roots) throw tooMuch('root fields', limits.roots);
}

function refuseLarge(size: Size, limits: DocumentLimits): void {
  if (size.depth > limits.depth)
    throw beyondLimit('$', `the document selects deeper than ${limits.depth} levels`);
  if (size.aliases > limits.aliases) throw tooMuch('aliases', limits.aliases);
  if (size.fields > limits.fields) throw tooMuch('fields, with fragments expanded,', limits.fields);
}

function limitDirectives(document: DocumentNode, limits: DocumentLimits): void {
  let directives = 0;
  visit(document, {
    Directive() {
      directives += 1;
      if (directives > limits.directives) throw tooMuch('directives', limits.directives);
    },
  });
}

function tooMuch(what: string, limit: number): Refusal {
  return beyondLimit('$', `the document has more than ${limit} ${what}`);
}

function cyclic(name: string): Refusal {
  return beyondLimit('$', `fragment "${name}" contains itself`);
}
