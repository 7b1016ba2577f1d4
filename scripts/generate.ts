/** `npm run generate`: writes every committed file that is made from others. */
import { generateAll } from './generated.ts';

await generateAll();
