/** `docs`: whose documentation is published, and the project's own pages in it. */
import type { Draft } from '../draft.ts';
import type { DocsConfig } from '../project.ts';
import { either, folder, list, object, optional, text } from '../shape.ts';

const ownPages = 'Folder of *.md files that are pages of the site, at any depth. Without it there are none.';

const Full = object({
  roles: optional(
    list(
      text('Name of a role.'),
      'Roles whose documentation anybody may read. The first has the front page. Default: the anonymous role alone.',
    ),
  ),
  folder: optional(folder(ownPages)),
});

export const docs = either(
  [folder(ownPages), Full],
  'The documentation site: whose it is, and the pages that are written by hand.',
);

const { properties } = Full;

/** Of a list that cannot be read nothing is public. */
export function readDocs(draft: Draft, anonymous: string | undefined): DocsConfig {
  const short = draft.value(['docs']);
  const path = ['docs', 'roles'];
  const listed = draft
    .items(path)
    .flatMap((index) => draft.read([...path, index], properties.roles.items) ?? []);
  const byDefault = anonymous === undefined || draft.isBroken(['docs']) ? [] : [anonymous];
  return {
    roles: draft.value(path) === undefined ? byDefault : [...new Set(listed)],
    folder: trimmed(
      typeof short === 'string'
        ? draft.read(['docs'], properties.folder)
        : draft.read(['docs', 'folder'], properties.folder),
    ),
  };
}

function trimmed(folder: string | undefined): string | undefined {
  return folder
    ?.split('/')
    .filter((part) => part !== '')
    .join('/');
}
