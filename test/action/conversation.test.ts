/** Stories of the Action. The comment and the label: with whom, when and in which order, whatever GitHub does. */
import { testStories } from './stories.ts';

await testStories('conversation');
