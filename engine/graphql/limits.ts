/** How large a document may be: counted before validation, through fragments, in time linear in its text. Worker only. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Lexer,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  Source,
  type ValueNode,
  visit,
} from 'graphql';
import type { GraphqlLimits } from '../../schema/project.ts';
import { beyondLimit, type Refusal } from './refusal.ts';

export interface DocumentLimits extends GraphqlLimits {
  /** Levels of brackets of any kind, in the text. */
  readonly nesting: number;
  /** Characters of one name. */
  readonly name: number;
  /** Values in arguments, those inside lists and objects too, fragments expanded. */
  readonly values: number;
  /** Characters of arguments that fragments may add to the document by being used again. */
  readonly repeated: number;
  /** Variables that an operation declares. */
  readonly variables: number;
  /** Operations in one document, of which one is run. */
  readonly operations: number;
}

/** Those that a role has, and those that are the engine's own. */
export function documentLimits(limits: GraphqlLimits): DocumentLimits {
  return {
    ...limits,
    nesting: 100,
    name: 255,
    values: 10_000,
    repeated: 1_000_000,
    variables: 250,
    operations: 100,
  };
}

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
    // It stands in the plan for each field below it, and for each use of its fragment.
    if (kind === 'Name' && lexer.token.end - lexer.token.start > limits.name)
      throw beyondLimit('$', `the document has a name of more than ${limits.name} characters`);
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
  readonly values: number;
  /** Characters of arguments. */
  readonly characters: number;
}

const nothing: Size = Object.freeze({
  depth: 0,
  fields: 0,
  aliases: 0,
  direct: 0,
  values: 0,
  characters: 0,
});

/** @throws {Refusal} NS603 */
export function limitDocument(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: DocumentLimits,
): void {
  const characters = (document.loc?.end ?? 0) + limits.repeated;
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
    if (fragment === undefined) return nothing;
    sizes.set(name, 'open');
    const size = sizeOf(fragment.selectionSet);
    sizes.set(name, size);
    return size;
  };

  const sizeOf = (set: SelectionSetNode): Size => {
    let [depth, fields, aliases, direct, values, total] = [0, 0, 0, 0, 0, 0];
    for (const selection of set.selections) {
      const size = selectionSize(selection);
      depth = Math.max(depth, size.depth);
      fields += size.fields;
      aliases += size.aliases;
      direct += size.direct;
      values += size.values;
      total += size.characters;
    }
    return {
      depth,
      fields: Math.min(fields, limits.fields + 1),
      aliases: Math.min(aliases, limits.aliases + 1),
      direct: Math.min(direct, limits.fields + 1),
      values: Math.min(values, limits.values + 1),
      characters: Math.min(total, characters + 1),
    };
  };

  const selectionSize = (selection: SelectionNode): Size => {
    if (selection.kind === 'FragmentSpread') return fragmentSize(selection.name.value);
    if (selection.kind === 'InlineFragment') return sizeOf(selection.selectionSet);
    const inner = selection.selectionSet === undefined ? nothing : sizeOf(selection.selectionSet);
    const args = selection.arguments ?? [];
    return {
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (selection.alias === undefined ? 0 : 1),
      direct: 1,
      values: args.reduce((sum, { value }) => sum + countValues(value), inner.values),
      characters: args.reduce(
        (sum, { loc }) => sum + (loc === undefined ? 0 : loc.end - loc.start),
        inner.characters,
      ),
    };
  };

  const refuseLarge = (size: Size): void => {
    if (size.depth > limits.depth)
      throw beyondLimit('$', `the document selects deeper than ${limits.depth} levels`);
    if (size.aliases > limits.aliases) throw tooMuch('aliases', limits.aliases);
    if (size.fields > limits.fields) throw tooMuch('fields, with fragments expanded,', limits.fields);
    if (size.values > limits.values)
      throw tooMuch('values in arguments, with fragments expanded,', limits.values);
    if (size.characters > characters)
      throw tooMuch('characters of arguments repeated by fragments', limits.repeated);
  };

  // Fragments that the operation does not use are measured too: validation walks them as well.
  for (const name of fragments.keys()) refuseLarge(fragmentSize(name));
  for (const node of operations) refuseLarge(sizeOf(node.selectionSet));
  if (sizeOf(operation.selectionSet).direct > limits.roots) throw tooMuch('root fields', limits.roots);
}

/** Nesting is limited before the document is parsed. */
function countValues(node: ValueNode): number {
  switch (node.kind) {
    case 'ListValue':
      return node.values.reduce((sum, item) => sum + countValues(item), 1);
    case 'ObjectValue':
      return node.fields.reduce((sum, field) => sum + countValues(field.value), 1);
    default:
      return 1;
  }
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
