/** Colours and line breaks of a plan in a terminal. Pure. */

export type Tone = 'bad' | 'careful' | 'good' | 'strong' | 'faint';
export type Ink = (tone: Tone, text: string) => string;

const codes: Readonly<Record<Tone, number>> = { bad: 31, careful: 33, good: 32, strong: 1, faint: 2 };

export const inkOf: Ink = (tone, text) => `\u001b[${codes[tone]}m${text}\u001b[0m`;
export const plainInk: Ink = (_, text) => text;

/** Breaks between words; a word that is longer than the line stands on one of its own. */
export function block(text: string, indent: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && indent.length + last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => indent + line).join('\n');
}
