/** `novastack`, `project`, `title`, `description`: which language, and what the project is called. */
import Type from 'typebox';
import { prose, text } from '../shape.ts';

export const novastack = Type.Literal(1, { description: 'Version of this language: 1.' });

/** What a project may be called, here and under the name that a server gives it. */
export const projectName = {
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  expects: 'lower-case letters, digits and "-", beginning with a letter, 63 characters at most',
} as const;

export const project = text(
  'Name of the project: the first segment of every URL unless the server maps it.',
  projectName,
);

export const title = prose('What people call the project.');

export const description = prose('What the project is for.');
