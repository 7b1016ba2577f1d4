/** The first page of a role: where the API is, the first requests, and what there is. Pure. */
import type { RoleSite, SiteContent } from '../content.ts';
import {
  type Block,
  code,
  heading,
  link,
  newLine,
  type Page,
  paragraph,
  text,
  type Words,
  weak,
  words,
} from '../document.ts';
import { exampleBlocks } from './examples.ts';

export function overviewPage(content: SiteContent, role: RoleSite): Page {
  const { title, description } = content;
  return {
    id: 'overview',
    path: '/',
    title,
    description,
    blocks: [
      ...(description === null ? [] : [{ kind: 'text', words: [text(description)], form: 'lead' } as const]),
      whose(role),
      surfaces(content, role),
      ...start(role),
      ...listOf('tables', 'Tables', 'What it holds', role.tables, '/tables'),
      ...listOf('functions', 'Functions', 'What it does', role.functions, '/functions'),
    ],
  };
}

function whose({ name, description, anonymous }: RoleSite): Block {
  const sentence = anonymous
    ? words('These pages are for ', code(name), ': whoever asks without a token.')
    : words(
        'These pages are for ',
        code(name),
        ': whoever has a ',
        link('token', '/guides/authentication/'),
        ' of this role.',
      );
  return {
    kind: 'text',
    words: description === null ? sentence : [...sentence, text(' '), weak(description)],
  };
}

function surfaces({ urls }: SiteContent, { introspection }: RoleSite): Block {
  const row = (name: string, url: string, says: string): readonly Words[] => [
    [text(name)],
    [link(url, url), newLine, text(says)],
  ];
  return {
    kind: 'table',
    head: null,
    form: 'facts',
    label: 'Where the API is',
    rows: [
      row('REST', `${urls.rest}/`, 'tables as URLs: filters, embedding, paging, writes'),
      row('GraphQL', urls.graphql, 'one endpoint; in a browser it opens GraphiQL'),
      row('OpenAPI', urls.openapi, 'a description of REST for tools, for the role that asks'),
      ...(introspection ? [row('SDL', urls.sdl, 'the GraphQL schema as text, for the role that asks')] : []),
    ],
  };
}

function start(role: RoleSite): readonly Block[] {
  const { start } = role;
  if (start.length === 0)
    return [heading(2, 'start', 'Quick start'), paragraph('There is nothing to read yet.')];
  return [heading(2, 'start', 'Quick start'), ...exampleBlocks(start, role, 'start')];
}

function listOf(
  id: string,
  title: string,
  says: string,
  items: readonly { readonly name: string; readonly slug: string; readonly description: string | null }[],
  under: string,
): readonly Block[] {
  if (items.length === 0) return [];
  return [
    heading(2, id, title),
    {
      kind: 'table',
      head: ['Name', says],
      form: 'plain',
      label: title,
      rows: items.map(({ name, slug, description }) => [
        [link(name, `${under}/${slug}/`)],
        description === null ? [weak('–')] : [text(description)],
      ]),
    },
  ];
}
