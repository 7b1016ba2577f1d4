/** `npm run generate`: writes the committed files that are made from others; with a path, those that begin with it. */
import { generate } from './generated.ts';

await generate(process.argv[2] ?? '');
