/** What a change of a type does to its values: whether each that was is one still, and whether GraphQL calls it otherwise. Pure. */
import { isArray, scalarOf } from '../../api/graphql-scalars.ts';
import type { Type } from '../../catalog/catalog.ts';
import { factsOf } from '../../catalog/fingerprint.ts';
import { typeText } from '../../catalog/type.ts';
import { compareLabels, type LabelChange } from './labels.ts';
import { widens } from './widening.ts';

export interface TypeChange {
  /** `wider`: each value of before is one of after, and reads the same; `narrower`: the other way round. */
  readonly values: 'same' | 'wider' | 'narrower' | 'other';
  /** Of an enum that is the same otherwise: its labels are told, and `values` is `same`. */
  readonly labels: LabelChange | undefined;
  /** Names of the scalars, where GraphQL has another one. */
  readonly scalars: readonly [before: string, after: string] | undefined;
  readonly before: string;
  readonly after: string;
}

/** Undefined when callers cannot tell the two apart. */
export function compareTypes(before: Type, after: Type): TypeChange | undefined {
  if (factsOf(before) === factsOf(after)) return undefined;
  const labels = labelsOf(before, after);
  const [one, other] = [scalarText(before), scalarText(after)];
  const scalars = one === other ? undefined : ([one, other] as const);
  const values = labels === undefined ? valuesOf(before, after) : 'same';
  if (values === 'same' && labels?.isSame !== false && scalars === undefined) return undefined;
  const title = labels === undefined ? typeTitleOf(before, after) : ([labels.before, labels.after] as const);
  return { values, labels, scalars, before: title[0], after: title[1] };
}

function valuesOf(before: Type, after: Type): TypeChange['values'] {
  const [grows, shrinks] = [widens(before, after), widens(after, before)];
  if (grows && shrinks) return 'same';
  return grows ? 'wider' : shrinks ? 'narrower' : 'other';
}

/** Both are enums, or lists of them, in the same way. */
function labelsOf(before: Type, after: Type): LabelChange | undefined {
  if (isArray(before) !== isArray(after)) return undefined;
  const [one, other] = [innermost(before).labels, innermost(after).labels];
  return one === undefined || other === undefined ? undefined : compareLabels(one, other);
}

function innermost(type: Type): Type {
  return type.element === undefined ? type : innermost(type.element);
}

/** Texts that differ where the types do: `type:` of the language gives one type two meanings. */
function typeTitleOf(before: Type, after: Type): readonly [string, string] {
  const [one, other] = [typeText(before), typeText(after)];
  if (one !== other) return [one, other];
  return [`${one} as ${before.family}`, `${other} as ${after.family}`];
}

/** `Int`, `[String]`. */
export function scalarText(type: Type): string {
  const { name } = scalarOf(type);
  return isArray(type) ? `[${name}]` : name;
}
