/** What the whole project is called, and where its rows are. Pure. */
import { say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';

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
