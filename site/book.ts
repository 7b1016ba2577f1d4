/** All pages of a role, in the order in which they are read. Pure. */
import { authenticationPage, limitsPage } from './chapters/callers.ts';
import { diagramPages } from './chapters/diagram.ts';
import { errorsPage } from './chapters/errors.ts';
import { functionPage } from './chapters/function.ts';
import { guidePages } from './chapters/guides.ts';
import { overviewPage } from './chapters/overview.ts';
import { tablePage } from './chapters/table.ts';
import type { RoleSite, SiteContent } from './content.ts';
import type { NavigationGroup, Page } from './document.ts';
import type { OwnPage } from './own-pages.ts';

/** A role's part of the site, as it is rendered. */
export interface Book {
  readonly role: string;
  /** As in `RoleSite`. */
  readonly root: string;
  readonly pages: readonly Page[];
  readonly navigation: readonly NavigationGroup[];
  /** Paths of own pages by their files, so that they can lead to each other. */
  readonly own: Readonly<Record<string, string>>;
}

/** What the renderers are given, and nothing else. */
export interface Shelf {
  readonly project: string;
  readonly title: string;
  readonly base: string;
  readonly books: readonly Book[];
  /** Numbers of the images that own pages may show, by their files: the build has them beside the content. */
  readonly images: Readonly<Record<string, number>>;
}

/** @param images files of the images, in the order of their numbers */
export function shelfOf(content: SiteContent, images: readonly string[] = []): Shelf {
  return {
    project: content.project,
    title: content.title,
    base: content.base,
    books:
      content.roles.length === 0 ? [emptyBook(content)] : content.roles.map((role) => bookOf(content, role)),
    images: Object.fromEntries(images.map((file, number) => [file, number])),
  };
}

function bookOf(content: SiteContent, role: RoleSite): Book {
  const overview = overviewPage(content, role);
  const own = role.own.map(ownPage);
  const diagram = diagramPages(role);
  const guides = [
    authenticationPage(role),
    ...guidePages({ site: content, role }),
    errorsPage(role),
    limitsPage(role),
  ];
  const tables = role.tables.map((table) => tablePage(table, role));
  const functions = role.functions.map((one) => functionPage(one, role));
  return {
    role: role.name,
    root: role.root,
    pages: [overview, ...diagram, ...own, ...guides, ...tables, ...functions],
    navigation: [
      group('Start', [{ ...overview, title: 'Overview' }, ...diagram, ...own]),
      group('Guides', guides),
      group('Tables', tables),
      group('Functions', functions),
    ].filter(({ links }) => links.length > 0),
    own: Object.fromEntries(role.own.map(({ file, path }) => [file, path])),
  };
}

function ownPage({ file, path, title, description, markdown }: OwnPage): Page {
  return { id: `own:${file}`, path, title, description, blocks: [{ kind: 'own', markdown, file }] };
}

function group(label: string, pages: readonly Pick<Page, 'title' | 'path'>[]): NavigationGroup {
  return { label, links: pages.map(({ title, path }) => ({ label: title, path })) };
}

/** Of a project that publishes no role. */
function emptyBook({ title, description }: SiteContent): Book {
  const overview: Page = {
    id: 'overview',
    path: '/',
    title,
    description,
    blocks: [
      ...(description === null
        ? []
        : [{ kind: 'text', words: [{ kind: 'text', text: description }], form: 'lead' } as const]),
      { kind: 'text', words: [{ kind: 'text', text: 'The documentation of this project is not public.' }] },
    ],
  };
  const navigation = [group('Start', [{ ...overview, title: 'Overview' }])];
  return { role: '', root: '', pages: [overview], navigation, own: {} };
}
