/** The small JSON bodies that the operator's API takes: read strictly, whatever their content type says. */
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../problem/problem.ts';

/** What a member has to be; undefined: it fits. */
export type Check = (text: string) => string | undefined;

/** From here on bodies reach the handlers of `app` as their text, undefined where there is none. */
export function takeTexts(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text));
  // The schemas of the routes describe them; what is wrong with a body is told by `readBody`, in words.
  app.setValidatorCompiler(() => () => true);
}

/**
 * An object of texts. Pure.
 *
 * @throws {Problem} PGRST102, NS400: names what is wrong
 */
export function readBody<Name extends string>(
  body: unknown,
  checks: Readonly<Record<Name, Check>>,
): Readonly<Partial<Record<Name, string>>> {
  const names = Object.keys(checks) as Name[];
  const members = Object.entries(parse(body));
  const unknown = members.find(([name]) => !names.includes(name as Name));
  if (unknown !== undefined)
    throw new Problem('NS400', {
      message: `The body has a member ${JSON.stringify(unknown[0].slice(0, 100))} that is not known here.`,
      hint: names.length === 0 ? 'Send no body.' : `It takes ${names.join(' and ')}.`,
    });
  for (const [name, value] of members) {
    const wrong = typeof value === 'string' ? checks[name as Name](value) : 'It has to be a text.';
    if (wrong !== undefined)
      throw new Problem('NS400', { message: `The "${name}" of the body is not valid.`, hint: wrong });
  }
  return Object.fromEntries(members) as Partial<Record<Name, string>>;
}

function parse(body: unknown): object {
  if (typeof body !== 'string' || body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw notAnObject();
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw notAnObject();
  return value;
}

function notAnObject(): Problem {
  return new Problem('PGRST102', {
    message: 'The body is not a JSON object.',
    hint: 'Send one, or nothing.',
  });
}
