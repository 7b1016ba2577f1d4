/** Stories of the Action. What is merged goes to a real server, which is trusted, refuses, fails, takes its time or has drifted. */
import { testStories } from './stories.ts';

await testStories('deployment');
