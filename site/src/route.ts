/** What stands around a page is its role's: the navigation, and the page that the title leads to. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';
import type { Book } from '../book.ts';
import { placeOf, target } from './site.ts';

/** Every page carries the whole list: beyond this the overview and the search are the way to a table. */
const mostLinks = 400;

export const onRequest = defineRouteMiddleware(({ url, locals }) => {
  const { book, page } = placeOf(url.pathname);
  locals.starlightRoute.siteTitleHref = target(book.root, '/');
  locals.starlightRoute.sidebar = navigation(book).map(({ label, links }) => ({
    type: 'group',
    label,
    collapsed: false,
    badge: undefined,
    entries: links.map(({ label, path }) => ({
      type: 'link',
      label,
      href: target(book.root, path),
      isCurrent: path === page?.path,
      badge: undefined,
      attrs: {},
    })),
  }));
});

function navigation({ navigation }: Book): Book['navigation'] {
  const all = navigation.reduce((sum, { links }) => sum + links.length, 0);
  return all <= mostLinks ? navigation : navigation.filter(({ links }) => links.length <= mostLinks / 4);
}
