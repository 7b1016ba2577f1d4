/** Where a command writes and asks: the two streams, whether they take colour, and the person in front of them. */
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { badInput } from './failure.ts';

/** A style of `util.styleText`. */
export type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  /** What was asked for: one line, the line break is added. */
  readonly out: (line: string) => void;
  /** What happens on the way, and errors. */
  readonly err: (line: string) => void;
  /** Colour for a line of `out` or `err`; the text as it is where the stream takes none. */
  readonly paint: (stream: 'out' | 'err', style: Style, text: string) => string;
  readonly takesColor: (stream: 'out' | 'err') => boolean;
  /** Somebody looks on: output goes to a terminal, where a screen may be cleared and progress shown. */
  readonly live: boolean;
  /** A person can answer. */
  readonly interactive: boolean;
  /** Asks on stderr, so that stdout stays what was asked for. */
  readonly ask: (question: string) => Promise<string>;
}

interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export function openTerminal(streams: Streams = process): Terminal {
  const color = { out: takesColor(streams.stdout), err: takesColor(streams.stderr) };
  return {
    out: (line) => void streams.stdout.write(`${line}\n`),
    err: (line) => void streams.stderr.write(`${line}\n`),
    paint: (stream, style, text) =>
      color[stream] ? styleText(style, text, { validateStream: false }) : text,
    takesColor: (stream) => color[stream],
    live: streams.stdout.isTTY === true && streams.stderr.isTTY === true,
    interactive: streams.stdin.isTTY === true && streams.stderr.isTTY === true,
    ask: (question) => ask(streams, question),
  };
}

/** A terminal that NO_COLOR (any value that is not empty) and TERM=dumb do not speak against. */
function takesColor(stream: Streams['stdout']): boolean {
  if (stream.isTTY !== true || (process.env.NO_COLOR ?? '') !== '') return false;
  return (stream as WriteStream).hasColors();
}

/** @throws {Failure} 2 when the person ends the input instead of answering */
async function ask(streams: Streams, question: string): Promise<string> {
  const prompt = createInterface({ input: streams.stdin, output: streams.stderr });
  const closed = new Promise<undefined>((resolve) => prompt.once('close', () => resolve(undefined)));
  try {
    const answer = await Promise.race([prompt.question(question).catch(() => undefined), closed]);
    if (answer !== undefined) return answer;
  } finally {
    prompt.close();
  }
  streams.stderr.write('\n');
  throw badInput('The question was not answered; nothing was done.');
}
