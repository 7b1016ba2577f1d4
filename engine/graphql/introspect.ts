/** Runs what the compiler does not take, introspection, through mercurius over the role's whole schema. Worker only. */
import Fastify from 'fastify';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  lexicographicSortSchema,
  type OperationDefinitionNode,
  print,
  printSchema,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import mercurius from 'mercurius';
import type { Model } from './model.ts';
import { isIntrospection } from './plan.ts';
import { invalid } from './refusal.ts';
import { buildWholeSchema } from './schema.ts';
import type { Validated } from './validate.ts';

/**
 * JSON text by key of the answer, for the document's introspection fields alone.
 *
 * @param variables as the caller sent them; the document has been validated
 */
export async function introspect(
  validated: Validated,
  variables: Readonly<Record<string, unknown>>,
  model: Model,
): Promise<readonly (readonly [string, string])[]> {
  const document = introspectionOf(validated);
  const app = Fastify();
  try {
    app.register(mercurius, { schema: buildWholeSchema(model), routes: false, cache: false });
    await app.ready();
    const declared = new Set(document.variables);
    const used = Object.fromEntries(Object.entries(variables).filter(([name]) => declared.has(name)));
    const { data, errors } = await app.graphql(document.text, {}, used);
    if (errors !== undefined && errors.length > 0) throw invalid('$', errors[0]!.message);
    return Object.entries(data ?? {}).map(([as, value]) => [as, JSON.stringify(value)] as const);
  } finally {
    await app.close();
  }
}

/** The role's schema as text, sorted, so that the same schema is always the same text. */
export function printModel(model: Model): string {
  return `${printSchema(lexicographicSortSchema(buildWholeSchema(model)))}\n`;
}

/** The operation with its introspection fields alone and what they use: mercurius validates what it is given. */
function introspectionOf({ document, operation }: Validated): { text: string; variables: readonly string[] } {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const selectionSet = keepIntrospection(operation.selectionSet, fragments);
  const used = fragmentsUsed(selectionSet, fragments);
  const variables = new Set<string>();
  for (const node of [selectionSet, ...used])
    visit(node, {
      Variable(variable) {
        variables.add(variable.name.value);
      },
    });
  const own: OperationDefinitionNode = {
    ...operation,
    directives: [],
    variableDefinitions: (operation.variableDefinitions ?? []).filter((one) =>
      variables.has(one.variable.name.value),
    ),
    selectionSet,
  };
  const pruned: DocumentNode = { kind: Kind.DOCUMENT, definitions: [own, ...used] };
  return { text: print(pruned), variables: [...variables] };
}

/** Root fragments are written out in place, so that their directives stay and their other fields go. */
function keepIntrospection(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return isIntrospection(selection) ? [selection] : [];
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragments.get(selection.name.value)!.selectionSet;
    const selectionSet = keepIntrospection(inner, fragments);
    if (selectionSet.selections.length === 0) return [];
    return [{ kind: Kind.INLINE_FRAGMENT, directives: selection.directives ?? [], selectionSet }];
  });
  return { kind: Kind.SELECTION_SET, selections };
}

function fragmentsUsed(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly FragmentDefinitionNode[] {
  const used = new Set<FragmentDefinitionNode>();
  const follow = (node: SelectionSetNode): void => {
    visit(node, {
      FragmentSpread(spread) {
        const fragment = fragments.get(spread.name.value)!;
        if (used.has(fragment)) return;
        used.add(fragment);
        follow(fragment.selectionSet);
      },
    });
  };
  follow(set);
  return [...used];
}
