/** Stories of the Action. What reviewers are told of a change. */
import { testStories } from './stories.ts';

await testStories('plan');
