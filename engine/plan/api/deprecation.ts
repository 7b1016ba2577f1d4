/** What descriptions say of an end that is coming: told when it is new, and where something goes. Pure. */
import type { Place, Subject } from '../change.ts';
import { type Sentence, say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';

/** A word of its own, whatever stands before it: `@deprecated`, `Deprecated: use isbn13`. */
const deprecated = /(?<![\p{L}\p{N}_-])@?deprecated(?![\p{L}\p{N}_-])/iu;
/** Said of it no longer, or of something else. */
const denied = /\b(?:not|never|no longer|un)[ -]?deprecated/giu;

export function isDeprecated(description: string | null): boolean {
  return description !== null && deprecated.test(description.replace(denied, ''));
}

export interface Described {
  readonly subject: Subject;
  /** `Column "isbn" of "books"`. */
  readonly title: Sentence;
  readonly roles: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
  readonly place: Place;
}

export function compareDescriptions(
  { tell }: Comparison,
  { subject, title, roles, before, after, place }: Described,
): void {
  const [was, is] = [isDeprecated(before), isDeprecated(after)];
  if (was === is) return;
  const told = { subject, roles, place };
  if (is) tell('deprecated', { ...told, sentence: say`${title} is ${strong('deprecated')}.` });
  else tell('deprecation-withdrawn', { ...told, sentence: say`${title} is no longer deprecated.` });
}

/** What to do about something that goes. */
export function hintOfRemoval(description: string | null, instead?: string): string {
  if (isDeprecated(description))
    return joined(instead, 'it was deprecated: see that nobody asks for it any more');
  return joined(instead, 'begin its description with "deprecated" first, and remove it in a later change');
}

function joined(instead: string | undefined, hint: string): string {
  return instead === undefined ? hint : `${instead}; else ${hint}`;
}
