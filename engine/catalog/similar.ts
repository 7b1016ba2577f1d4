/** Patterns of SIMILAR TO as regular expressions, for databases that have these alone. */

/** Signs that mean something in a regular expression and stand for themselves in such a pattern. */
const plain = new Set(['.', '^', '$']);

/**
 * The regular expression that matches the same whole texts. Pure.
 *
 * @returns undefined: the pattern ends in its escape
 */
export function similarToRegex(pattern: string): string | undefined {
  let out = '';
  let inBrackets = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at]!;
    if (sign === '\\') {
      at += 1;
      const next = pattern[at];
      if (next === undefined) return undefined;
      out += escaped(next);
    } else if (inBrackets) {
      // Right behind `[` or `[^` it is one of the characters, and in `[:alpha:]` it ends only that name.
      const isPart = sign === ']' && /\[\^?$/.test(pattern.slice(0, at));
      out += isPart ? '\\]' : sign;
      inBrackets = sign !== ']' || isPart || /\[:[a-z]*:$/.test(pattern.slice(0, at));
    } else {
      inBrackets = sign === '[';
      out += sign === '%' ? '.*' : sign === '_' ? '.' : plain.has(sign) ? `\\${sign}` : sign;
    }
  }
  return `^(?:${out})\\z`;
}

/** Letters and digits behind a backslash would be classes and references. */
function escaped(sign: string): string {
  return /[\p{L}\p{N}]/u.test(sign) || sign.charCodeAt(0) > 127 ? sign : `\\${sign}`;
}
