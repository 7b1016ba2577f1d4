/** The content that build.ts wrote for this build. */
import { readFileSync } from 'node:fs';
import type { SiteContent } from '../content.ts';

export const site: SiteContent = JSON.parse(readFileSync(process.env.NOVASTACK_SITE_CONTENT!, 'utf8'));

/** A path within the site. */
export function href(path: string): string {
  return `${site.base}${path}`;
}
