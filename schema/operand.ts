/** The values of the notation: literals, `$jwt…` and `$now`, and which of them each operator takes. Knows no catalog. */
import type { Findings } from './draft.ts';
import type { Literal, Operand, Path, ValueOperator } from './predicate.ts';
import { describe } from './words.ts';

/** A value of a comparison or of `set`: `$jwt…` and `$now` are expanded, anything else is taken as it is. */
export function parseOperand(raw: Literal, path: Path, findings: Findings): Operand | undefined {
  if (typeof raw !== 'string')
    return nested(raw, path, findings) ? { kind: 'literal', value: raw } : undefined;
  if (!raw.startsWith('$')) return { kind: 'literal', value: raw };
  if (raw === '$now') return { kind: 'now' };
  const claim = raw.startsWith('$jwt') ? parseClaim(raw.slice('$jwt'.length)) : undefined;
  if (claim) return { kind: 'claim', path: claim };
  if (/^\$(jwt|now)(?![A-Za-z0-9_])/i.test(raw)) {
    findings.error('PREDICATE_EXPANSION', path, `"${raw}" is neither a claim nor the time.`, {
      hint: `write $jwt.sub, $jwt["https://x/claims"]["id"] or $now, in lower case`,
    });
    return undefined;
  }
  const meant = /^\$[A-Za-z_]+([.[]|$)/.test(raw);
  if (meant) {
    findings.warning('PREDICATE_TEXT', path, `"${raw}" is taken as text: only $jwt and $now are expanded.`, {
      hint: 'did you mean "$jwt.sub"?',
    });
  }
  return { kind: 'literal', value: raw };
}

/**
 * The path of a claim as `auth` writes it: `role`, `app.role`, `["https://x/claims"]["role"]`.
 *
 * @returns undefined when it is not one
 */
export function parseClaimPath(text: string): readonly string[] | undefined {
  return parseClaim(text.startsWith('[') ? text : `.${text}`);
}

/** `.a.b`, `["a"]["b"]`, and both in turn. Inside the quotes, `\"` and `\\` stand for themselves. */
function parseClaim(text: string): readonly string[] | undefined {
  const step = /\.([^.[\]"'\s$]+)|\["((?:[^"\\]|\\["\\])+)"\]|\['((?:[^'\\]|\\['\\])+)'\]/y;
  const path: string[] = [];
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (!match) return undefined;
    const [, plain, double, single] = match;
    path.push(plain ?? (double ?? single!).replace(/\\(.)/g, '$1'));
  }
  return path.length > 0 ? path : undefined;
}

/** The value of a comparison, of the kind that its operator needs. */
export function parseComparand(
  operator: ValueOperator,
  raw: Literal,
  path: Path,
  findings: Findings,
): Operand | undefined {
  const operand = parseOperand(raw, path, findings);
  if (!operand) return undefined;
  const wrong =
    operand.kind === 'literal'
      ? wrongLiteral(operator, operand.value)
      : wrongExpansion(operator, operand.kind);
  if (!wrong) return operand;
  findings.error('PREDICATE_OPERAND', path, `"${operator}" needs ${wrong.needs}, but has ${describe(raw)}.`, {
    hint: wrong.hint,
  });
  return undefined;
}

interface Wrong {
  readonly needs: string;
  readonly hint: string;
}

function wrongLiteral(operator: ValueOperator, value: Literal): Wrong | undefined {
  switch (operator) {
    case '_is_null':
      return typeof value === 'boolean'
        ? undefined
        : { needs: 'true or false', hint: 'write _is_null: true' };
    case '_in':
    case '_nin':
      return wrongList(operator, value);
    case '_has_keys_any':
    case '_has_keys_all':
      if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return undefined;
      return { needs: 'a list of texts', hint: `write ${operator}: [a, b]` };
    case '_like':
    case '_nlike':
    case '_ilike':
    case '_nilike':
    case '_similar':
    case '_nsimilar':
    case '_regex':
    case '_nregex':
    case '_iregex':
    case '_niregex':
    case '_has_key':
      return typeof value === 'string' ? undefined : { needs: 'a text', hint: 'write it in quotes' };
    case '_eq':
    case '_neq':
      return value === null ? nullHint(operator === '_eq') : undefined;
    case '_gt':
    case '_gte':
    case '_lt':
    case '_lte':
      if (value === null) return nullHint(false);
      return typeof value === 'object'
        ? { needs: 'one value', hint: 'compare with a number, a text or a claim' }
        : undefined;
    case '_contains':
    case '_contained_in':
      return value === null ? nullHint(false) : undefined;
    default:
      return operator satisfies never;
  }
}

function wrongList(operator: '_in' | '_nin', value: Literal): Wrong | undefined {
  if (!Array.isArray(value)) {
    const one = operator === '_in' ? '_eq' : '_neq';
    return { needs: 'a list', hint: `write ${operator}: [a, b], or ${one} for one value` };
  }
  if (value.includes(null))
    return { needs: 'values that can be equal', hint: 'null never is: test it with _is_null' };
  const deep = value.some((item) => typeof item === 'object');
  return deep ? { needs: 'a list of plain values', hint: 'write numbers, texts or booleans' } : undefined;
}

/** Nothing equals null, and nothing differs from it either: the row would never pass. */
function nullHint(equal: boolean): Wrong {
  return { needs: 'a value', hint: `nothing compares with null: write _is_null: ${equal}` };
}

function wrongExpansion(operator: ValueOperator, kind: 'claim' | 'now'): Wrong | undefined {
  if (operator === '_is_null') return { needs: 'true or false', hint: 'write _is_null: true' };
  const lists: readonly ValueOperator[] = [
    '_has_keys_any',
    '_has_keys_all',
    ...(kind === 'now' ? (['_in', '_nin'] as const) : []),
  ];
  if (!lists.includes(operator)) return undefined;
  return { needs: 'a list that is written out', hint: 'a list of a claim works with _in and _contains only' };
}

/** Inside a list or an object nothing is expanded; who writes `$jwt` there expects it to be. */
function nested(raw: Literal, path: Path, findings: Findings): boolean {
  if (typeof raw === 'string') {
    if (!/^\$(jwt[.[]|now$)/.test(raw)) return true;
    findings.error(
      'PREDICATE_EXPANSION',
      path,
      `"${raw}" stands inside a list or an object, where nothing is expanded.`,
      {
        hint: 'compare it on its own, and join the comparisons with _or',
      },
    );
    return false;
  }
  if (typeof raw !== 'object' || raw === null) return true;
  const results = Object.entries(raw).map(([key, value]) => {
    return nested(value as Literal, [...path, Array.isArray(raw) ? Number(key) : key], findings);
  });
  return results.every(Boolean);
}
