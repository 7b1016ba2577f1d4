/** Text → a document that fits the caller's schema, within limits, or why not. Worker thread only. */
import {
  type ASTNode,
  type ASTVisitor,
  BREAK,
  type DocumentNode,
  FieldsOnCorrectTypeRule,
  GraphQLError,
  getOperationAST,
  KnownTypeNamesRule,
  type OperationDefinitionNode,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
  validate,
  visit,
} from 'graphql';
import { nearest } from '../../schema/nearest.ts';
import { type DocumentLimits, limitDocument, limitText } from './limits.ts';
import { invalid, Refusal } from './refusal.ts';
import { LazySchema, type SchemaTypes } from './schema.ts';

export interface Validated {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export interface ValidateOptions {
  readonly limits: DocumentLimits;
  /** False: `__schema`, `__type` and suggestions are refused and left out. */
  readonly introspection: boolean;
  /** Asked first of all when only certain operations may be run. */
  readonly allows?: (document: DocumentNode, operation: OperationDefinitionNode) => boolean;
}

/**
 * Parses and validates, limits first.
 *
 * @throws {Refusal} the first finding: NS601 no document, NS602 does not fit the schema, NS603 a limit
 */
export function validateDocument(
  text: string,
  operationName: string | undefined,
  types: SchemaTypes,
  options: ValidateOptions,
): Validated {
  const document = parseDocument(text, options.limits);
  const operation = chooseOperation(document, operationName);
  if (options.allows?.(document, operation) === false)
    throw invalid('$', 'query is not in any of the allowlists');
  return validateParsed({ document, operation }, types, options);
}

/**
 * What is not of the text alone.
 *
 * @throws {Refusal} as `validateDocument`; what a rule found is its cause
 */
export function validateParsed(
  { document, operation }: Validated,
  types: SchemaTypes,
  options: Pick<ValidateOptions, 'limits' | 'introspection'>,
): Validated {
  limitDocument(document, operation, options.limits);
  if (operation.operation === 'mutation' && types.mutations.size === 0)
    throw invalid('$', 'no mutations exist');
  if (operation.operation === 'subscription' && types.subscriptions.size === 0)
    throw invalid('$', 'no subscriptions exist');
  const schema = new LazySchema(types, fieldNamesOf(document));
  const rules = options.introspection ? ownRules : [NoIntrospectionRule, ...ownRules];
  const [error] = validate(schema, document, rules, {
    maxErrors: 1,
    hideSuggestions: !options.introspection,
  });
  if (error !== undefined) throw refusalOf(error, document);
  return { document, operation };
}

function parseDocument(text: string, limits: DocumentLimits): DocumentNode {
  try {
    limitText(text, limits);
    return parse(text);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const place = error.locations?.[0];
    const where = place === undefined ? '' : ` (line ${place.line}, column ${place.column})`;
    const message = `not a valid graphql query: ${error.message.replace(/^Syntax Error: /, '')}${where}`;
    throw new Refusal('NS601', '$.query', { message });
  }
}

function chooseOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (operation !== null && operation !== undefined) return operation;
  if (name !== undefined)
    throw invalid('$', `no such operation found in the document: "${name.slice(0, 100)}"`);
  const any = document.definitions.some((node) => node.kind === 'OperationDefinition');
  if (any)
    throw invalid(
      '$',
      'exactly one operation has to be present in the document when operationName is not given',
    );
  throw invalid('$', 'the document has no operation');
}

function fieldNamesOf(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Field(node) {
      names.add(node.name.value);
    },
  });
  return names;
}

/**
 * The specification's rules but three. Overlapping fields are compared where fields are merged into the plan, which is
 * linear; the library's rule is quadratic in repeated fields. Unknown types and fields are reported by rules that need
 * no list of everything the schema has, unless there is something to suggest.
 */
const replaced: readonly ValidationRule[] = [
  OverlappingFieldsCanBeMergedRule,
  KnownTypeNamesRule,
  FieldsOnCorrectTypeRule,
];
const ownRules: readonly ValidationRule[] = [
  ...specifiedRules.filter((rule) => !replaced.includes(rule)),
  KnownTypesRule,
  KnownFieldsRule,
];

function KnownTypesRule(context: ValidationContext): ASTVisitor {
  return {
    NamedType(node) {
      const schema = context.getSchema() as LazySchema;
      const name = node.name.value;
      if (schema.getType(name) !== undefined) return;
      const message = `Unknown type "${name}".${suggestion(name, schema.types.namesLike(name), context)}`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

function KnownFieldsRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const type = context.getParentType();
      if (!type || context.getFieldDef()) return;
      const name = node.name.value;
      const { types } = context.getSchema() as LazySchema;
      const message = `field '${name}' not found in type: '${type.name}'.`;
      context.reportError(
        new GraphQLError(message + suggestion(name, types.fieldNames(type.name), context), { nodes: node }),
      );
    },
  };
}

/** Among names the caller sees; none where introspection is off, which would then be had piece by piece. */
function suggestion(name: string, among: Iterable<string>, { hideSuggestions }: ValidationContext): string {
  const near = hideSuggestions ? undefined : nearest(name, among);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function NoIntrospectionRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const name = node.name.value;
      if (name !== '__schema' && name !== '__type') return;
      const message = `GraphQL introspection is not allowed for this role, but the document contains ${name}`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

function refusalOf(error: GraphQLError, document: DocumentNode): Refusal {
  // Where there are two, the first is the declaration and the second its use.
  const node = error.nodes?.at(-1);
  const path = node === undefined ? '$' : pathOf(node, document);
  return new Refusal('NS602', path, { message: error.message, cause: error });
}

/** Hasura's path of a node: `$.selectionSet.books.args.where.title`. */
function pathOf(target: ASTNode, document: DocumentNode): string {
  let path = '$';
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (node !== target) return undefined;
      const chain = [...ancestors, parent, node].flatMap((one) => (isNode(one) ? [one] : []));
      path = `$${chain.map((one, index) => stepOf(one, chain[index + 1])).join('')}`;
      return BREAK;
    },
  });
  return path;
}

function isNode(one: ASTNode | readonly ASTNode[] | undefined): one is ASTNode {
  return one !== undefined && !Array.isArray(one);
}

function stepOf(node: ASTNode, next: ASTNode | undefined): string {
  switch (node.kind) {
    case 'Field':
      return `.selectionSet.${(node.alias ?? node.name).value}`;
    case 'Argument':
      return `.args.${node.name.value}`;
    case 'ObjectField':
      return `.${node.name.value}`;
    case 'ListValue': {
      const index = next === undefined ? -1 : node.values.indexOf(next as ValueNode);
      return index < 0 ? '' : `[${index}]`;
    }
    default:
      return '';
  }
}
