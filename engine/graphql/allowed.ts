/** Whether what a caller sent is one of the operations it may run. Worker only. */
import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

interface Parsed {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** The operations of one role, read when the first document is held against them. */
export class AllowList {
  readonly #texts: readonly string[];
  #byName: ReadonlyMap<string, Parsed> | undefined;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  /** Equal but for spaces, comments and the `__typename` fields that clients add below the root. */
  has(document: DocumentNode, operation: OperationDefinitionNode): boolean {
    this.#byName ??= new Map(
      this.#texts.map((text) => {
        const own = parse(text);
        const one = own.definitions[0] as OperationDefinitionNode;
        return [one.name!.value, { operation: one, fragments: fragmentsOf(own) }];
      }),
    );
    const own = this.#byName.get(operation.name?.value ?? '');
    // Another operation beside it would be validated too, which tells of the schema.
    if (own === undefined || document.definitions.length !== 1 + own.fragments.size) return false;
    return isSame(own, { operation, fragments: fragmentsOf(document) });
  }
}

/** Whether a document asks for nothing but the schema: what that may be is said by `introspection`. */
export function isIntrospection(document: DocumentNode, { selectionSet }: OperationDefinitionNode): boolean {
  const fragments = fragmentsOf(document);
  const seen = new Set<string>();
  const isAbout = (set: SelectionSetNode): boolean =>
    set.selections.every((node) => {
      if (node.kind === 'Field') return node.name.value.startsWith('__');
      if (node.kind === 'InlineFragment') return isAbout(node.selectionSet);
      const { value: name } = node.name;
      if (seen.has(name)) return true;
      seen.add(name);
      const fragment = fragments.get(name);
      return fragment !== undefined && isAbout(fragment.selectionSet);
    });
  return isAbout(selectionSet);
}

function isSame(own: Parsed, sent: Parsed): boolean {
  const heads = [own, sent].map(({ operation }) => {
    const { operation: kind, variableDefinitions, directives } = operation;
    return [kind, texts(variableDefinitions), texts(directives)].join('\n');
  });
  const compared = new Set<string>();
  const areSame = (left: SelectionSetNode, right: SelectionSetNode, isRoot: boolean): boolean => {
    let next = 0;
    for (const node of right.selections) {
      const wanted = left.selections[next];
      if (wanted !== undefined && isSameSelection(wanted, node)) next += 1;
      else if (isRoot || !isPlainTypename(node)) return false;
    }
    return next === left.selections.length;
  };
  const areSameSets = (left: SelectionSetNode | undefined, right: SelectionSetNode | undefined): boolean =>
    left === undefined || right === undefined ? left === right : areSame(left, right, false);
  const isSameSelection = (left: SelectionNode, right: SelectionNode): boolean => {
    if (left.kind === 'Field' && right.kind === 'Field')
      return (
        left.alias?.value === right.alias?.value &&
        left.name.value === right.name.value &&
        texts(left.arguments) === texts(right.arguments) &&
        texts(left.directives) === texts(right.directives) &&
        areSameSets(left.selectionSet, right.selectionSet)
      );
    if (left.kind === 'InlineFragment' && right.kind === 'InlineFragment')
      return (
        left.typeCondition?.name.value === right.typeCondition?.name.value &&
        texts(left.directives) === texts(right.directives) &&
        areSameSets(left.selectionSet, right.selectionSet)
      );
    return (
      left.kind === 'FragmentSpread' &&
      right.kind === 'FragmentSpread' &&
      left.name.value === right.name.value &&
      texts(left.directives) === texts(right.directives) &&
      isSameFragment(left.name.value)
    );
  };
  const isSameFragment = (name: string): boolean => {
    // Compared once, wherever it is spread, and within itself.
    if (compared.has(name)) return true;
    compared.add(name);
    const [left, right] = [own.fragments.get(name), sent.fragments.get(name)];
    return (
      left !== undefined &&
      right !== undefined &&
      left.typeCondition.name.value === right.typeCondition.name.value &&
      texts(left.directives) === texts(right.directives) &&
      areSame(left.selectionSet, right.selectionSet, false)
    );
  };
  return heads[0] === heads[1] && areSame(own.operation.selectionSet, sent.operation.selectionSet, true);
}

function isPlainTypename(node: SelectionNode): boolean {
  return (
    node.kind === 'Field' &&
    node.name.value === '__typename' &&
    node.alias === undefined &&
    (node.arguments ?? []).length === 0 &&
    (node.directives ?? []).length === 0
  );
}

function texts(nodes: readonly ASTNode[] | undefined): string {
  return (nodes ?? []).map(print).join('\n');
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((node) =>
      node.kind === 'FragmentDefinition' ? [[node.name.value, node] as const] : [],
    ),
  );
}
