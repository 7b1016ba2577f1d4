/** `${env:…}` stands only where the schema marks a field for it, and is well-formed there. */
import type { Draft } from '../draft.ts';
import type { Literal, Path } from '../predicate.ts';
import { looksLikeReference, malformedReference } from '../reference.ts';
import { further } from '../sections/further.ts';
import { File } from '../structure.ts';

interface Shape {
  readonly reference?: true;
  readonly properties?: { readonly [key: string]: Shape };
  readonly additionalProperties?: Shape | false;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

export function checkReferences(draft: Draft): void {
  for (const key of draft.names([])) {
    // Their fields are not known yet, so neither is which of them may refer to a secret.
    if (Object.hasOwn(further, key)) continue;
    walk(draft, draft.value([key])!, [key], [(File.properties as { [key: string]: Shape })[key]!]);
  }
}

/** @param shapes the alternatives that the value may have */
function walk(draft: Draft, value: Literal, path: Path, shapes: readonly Shape[]): void {
  if (typeof value === 'string') {
    checkText(
      draft,
      value,
      path,
      shapes.some((shape) => shape.reference === true),
    );
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (path[0] === 'auth' && (path[1] === 'users' || path[1] === 'oidc')) return;
  const items = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    const inner = shapes.flatMap((shape) => [...inside(shape, key, items)]);
    walk(draft, item as Literal, [...path, items ? Number(key) : key], inner);
  }
}

function* inside(shape: Shape, key: string, items: boolean): Iterable<Shape> {
  for (const branch of shape.anyOf ?? []) yield* inside(branch, key, items);
  if (items && shape.items) yield shape.items;
  if (items) return;
  if (shape.properties && Object.hasOwn(shape.properties, key)) yield shape.properties[key]!;
  else if (shape.additionalProperties) yield shape.additionalProperties;
}

function checkText(draft: Draft, text: string, path: Path, marked: boolean): void {
  if (!marked) {
    if (!looksLikeReference(text)) return;
    draft.error(
      'REFERENCE_NOT_ALLOWED',
      path,
      `A reference is not resolved in "${path.findLast((step) => typeof step === 'string')}".`,
      {
        hint: 'references belong in url, replicas, issuer, audience, jwks and secret; write the value here',
      },
    );
    return;
  }
  const wrong = malformedReference(text);
  if (!wrong) return;
  draft.error('REFERENCE_MALFORMED', path, `"${wrong.found}" is not a reference.`, { hint: wrong.hint });
}
