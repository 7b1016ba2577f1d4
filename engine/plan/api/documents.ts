/** Operations in GraphQL documents, each as one text that says what it asks for: read by their words alone. Pure. */

/** Words and signs; spaces, commas and comments mean nothing. */
const lexeme =
  /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|\.\.\.|[_A-Za-z][_0-9A-Za-z]*|-?[0-9][0-9.eE+-]*|#[^\n\r]*|[!$&()[\]{}:=@|]/g;

interface Definition {
  readonly kind: string;
  readonly name: string;
  readonly words: readonly string[];
}

/** Name of an operation → its words, with those of the fragments that it spreads. What is no document gives nothing. */
export function operationsIn(texts: readonly string[]): ReadonlyMap<string, string> {
  const definitions = texts.flatMap(definitionsIn);
  const fragments = new Map(
    definitions.filter(({ kind }) => kind === 'fragment').map((one) => [one.name, one]),
  );
  const operations = definitions.filter(({ kind }) => kind !== 'fragment');
  return new Map(operations.map((one) => [one.name, withFragments(one, fragments)]));
}

function withFragments(operation: Definition, fragments: ReadonlyMap<string, Definition>): string {
  const used = new Set([operation]);
  for (const { words } of used)
    for (const [place, word] of words.entries()) {
      const fragment = word === '...' ? fragments.get(words[place + 1] ?? '') : undefined;
      if (fragment !== undefined) used.add(fragment);
    }
  const [own, ...others] = [...used];
  const sorted = others.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [own!, ...sorted].map(({ words }) => words.join(' ')).join('\n');
}

const kinds: ReadonlySet<string> = new Set(['query', 'mutation', 'subscription', 'fragment']);

function definitionsIn(text: string): readonly Definition[] {
  const words = [...text.matchAll(lexeme)].map(([word]) => word).filter((word) => !word.startsWith('#'));
  const definitions: Definition[] = [];
  let depth = 0;
  let from = 0;
  for (const [place, word] of words.entries()) {
    if (word === '{' || word === '(' || word === '[') depth += 1;
    if (word !== '}' && word !== ')' && word !== ']') continue;
    depth -= 1;
    if (depth > 0 || word !== '}') continue;
    const [kind, name] = [words[from]!, words[from + 1]!];
    if (kinds.has(kind)) definitions.push({ kind, name, words: words.slice(from, place + 1) });
    from = place + 1;
  }
  return definitions;
}
