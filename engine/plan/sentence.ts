/** Sentences that hold names of other people's tables: kept apart until it is known where they are shown. Pure. */

/** Our own words are text; a name is somebody else's; what is strong is what the eye has to find. */
export type Word = string | { readonly name: string } | { readonly strong: string };

/** `visitor`, ` `, strong `gains`, ` read of `, `customers.email`. Ends with a period. */
export type Sentence = readonly Word[];

/** A template whose texts are our words and whose plain values are names: `say\`Table ${name} is gone.\``. */
export function say(texts: TemplateStringsArray, ...values: readonly (Word | number | Sentence)[]): Sentence {
  return texts.flatMap((text, index): readonly Word[] => {
    const value = values[index];
    const words = text === '' ? [] : [text];
    if (value === undefined) return words;
    if (typeof value === 'string') return [...words, { name: value }];
    if (typeof value === 'number') return [...words, String(value)];
    return Array.isArray(value) ? [...words, ...(value as Sentence)] : [...words, value as Word];
  });
}

export function strong(text: string): Word {
  return { strong: text };
}

/** `a`, `b` and `c`; with `most` names `a`, `b` and 3 more. */
export function names(list: readonly string[], most = Number.POSITIVE_INFINITY): Sentence {
  const shown = list.length > most ? list.slice(0, most) : list;
  const more = list.length - shown.length;
  return shown.flatMap((name, index): readonly Word[] => {
    const isLast = index === shown.length - 1 && more === 0;
    const between = index === 0 ? [] : [isLast ? ' and ' : ', '];
    const rest = index === shown.length - 1 && more > 0 ? [` and ${more} more`] : [];
    return [...between, { name }, ...rest];
  });
}

/** For a terminal, for JSON and for annotations: names in quotes. */
export function plainText(sentence: Sentence): string {
  return sentence
    .map((word) => {
      if (typeof word === 'string') return word;
      return 'strong' in word ? word.strong : `"${word.name}"`;
    })
    .join('');
}
