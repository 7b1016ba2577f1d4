/** Starlight asks for this collection; the pages come from src/pages, so it is empty. */

import { defineCollection } from 'astro:content';
import { docsSchema } from '@astrojs/starlight/schema';

export const collections = { docs: defineCollection({ loader: async () => [], schema: docsSchema() }) };
