/** What the whole project is called, and where its rows are. Pure. */
import type { DatabaseConfig } from '../../../schema/project.ts';
import { say, strong } from '../sentence.ts';
import type { Comparison, Tell } from './comparison.ts';

export function compareProject({ base, head, tell }: Comparison): void {
  const [before, after] = [base.project.name, head.project.name];
  if (before !== after)
    tell('project-renamed', {
      subject: {},
      roles: 'everybody',
      sentence: say`The project is ${strong('called')} ${after}, and was ${before}: every URL begins with it.`,
      hint: `keep the slug, or let the server serve it under the old one (as: ${before})`,
      before,
      after,
      place: { path: ['project'] },
    });
  for (const one of base.project.databases.values()) {
    const other = head.project.databases.get(one.name);
    if (other !== undefined && one.engine === other.engine) compareDatabase([one, other], tell);
  }
  for (const one of base.api.databases.values()) {
    const other = head.api.databases.get(one.name);
    if (other === undefined) continue;
    const told = { subject: { database: one.name }, roles: 'everybody' as const };
    const place = { path: ['databases', one.name, 'engine'] };
    const [was, is] = [one.catalog.engine, other.catalog.engine];
    if (was !== is)
      tell('database-engine-changed', {
        ...told,
        sentence: say`Database ${one.name} is ${strong(`another server: ${is}`)}, and was ${[was]}.`,
        hint: 'take the rows along, and let callers try their requests against it first',
        before: was,
        after: is,
        place,
      });
    else if (one.engine !== other.engine)
      tell('database-moved', {
        ...told,
        sentence: say`Database ${one.name} is ${strong(other.engine)}, and was ${[one.engine]}: its rows are in another place.`,
        hint: 'take the rows along',
        before: one.engine,
        after: other.engine,
        place,
      });
  }
}

/** Neither an address nor the name of a variable is shown: that it is another one matters, not what it says. */
function compareDatabase([one, other]: readonly [DatabaseConfig, DatabaseConfig], tell: Tell): void {
  const told = { subject: { database: one.name }, roles: 'everybody' as const };
  const isMoved = one.url !== other.url;
  if (isMoved || one.replicas.join('\0') !== other.replicas.join('\0'))
    tell('database-address-changed', {
      ...told,
      sentence: isMoved
        ? say`Database ${one.name} ${strong('has another address')}: its rows may be others.`
        : say`Database ${one.name} ${strong('has other replicas')}: what they answer may be other rows.`,
      hint: 'see that the same rows are there, and nothing that these grants are not meant for',
      facts: [one.url, other.url, one.replicas, other.replicas],
      place: { path: ['databases', one.name, isMoved ? 'url' : 'replicas'] },
    });
  const [before, after] = [one.searchPath.join(', '), other.searchPath.join(', ')];
  if (before !== after)
    tell('search-path-changed', {
      ...told,
      sentence: say`Names without a schema in functions of database ${one.name} ${strong('are looked up elsewhere')}.`,
      hint: 'see that they stand for the same tables and functions',
      before: before || 'none',
      after: after || 'none',
      place: { path: ['databases', one.name, 'search_path'] },
    });
}
