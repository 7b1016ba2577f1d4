/** Where `${env:…}` may stand: in fields that their schema marks for it, well-formed; anywhere else it is a mistake. Pure. */
import type { Findings } from './draft.ts';
import type { Literal, Path } from './predicate.ts';
import { looksLikeReference, malformedReference } from './reference.ts';

export interface ReferenceShape {
  readonly reference?: true;
  readonly properties?: { readonly [key: string]: ReferenceShape };
  readonly additionalProperties?: ReferenceShape | false;
  readonly items?: ReferenceShape;
  readonly anyOf?: readonly ReferenceShape[];
}

export interface ReferencePlaces {
  /** Of a reference elsewhere: "references belong in …". */
  readonly hint: string;
  /** What is not judged, by its path. */
  readonly skips?: (path: Path) => boolean;
  /** Whether something else is said of a text already. */
  readonly isTold?: (path: Path) => boolean;
}

/** Reports every reference in `value` that is out of place or malformed. */
export function checkReferencePlaces(
  findings: Findings,
  value: Literal,
  path: Path,
  shape: ReferenceShape,
  places: ReferencePlaces,
): void {
  walk(findings, value, path, [shape], places);
}

/** @param shapes the alternatives that the value may have */
function walk(
  findings: Findings,
  value: Literal,
  path: Path,
  shapes: readonly ReferenceShape[],
  places: ReferencePlaces,
): void {
  if (typeof value === 'string') {
    const marked = shapes.some(({ reference, anyOf }) => reference || anyOf?.some((one) => one.reference));
    if (places.isTold?.(path)) return;
    if (marked) checkForm(findings, value, path);
    else checkAbsence(findings, value, path, places.hint);
    return;
  }
  if (typeof value !== 'object' || value === null || places.skips?.(path)) return;
  const items = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    const inner = shapes.flatMap((shape) => [...inside(shape, key, items)]);
    walk(findings, item as Literal, [...path, items ? Number(key) : key], inner, places);
  }
}

function* inside(shape: ReferenceShape, key: string, items: boolean): Iterable<ReferenceShape> {
  for (const branch of shape.anyOf ?? []) yield* inside(branch, key, items);
  if (items && shape.items) yield shape.items;
  if (items) return;
  if (shape.properties && Object.hasOwn(shape.properties, key)) yield shape.properties[key]!;
  else if (shape.additionalProperties) yield shape.additionalProperties;
}

function checkAbsence(findings: Findings, text: string, path: Path, hint: string): void {
  if (!looksLikeReference(text)) return;
  const key = path.findLast((step) => typeof step === 'string');
  findings.error('REFERENCE_NOT_ALLOWED', path, `A reference is not resolved in "${key}".`, { hint });
}

function checkForm(findings: Findings, text: string, path: Path): void {
  const wrong = malformedReference(text);
  if (!wrong) return;
  // Without its end it may be part of a secret that somebody has written out.
  const found = wrong.found.endsWith('}')
    ? `"${wrong.found}" is not a reference.`
    : 'A "${" begins no reference.';
  findings.error('REFERENCE_MALFORMED', path, found, { hint: wrong.hint });
}
