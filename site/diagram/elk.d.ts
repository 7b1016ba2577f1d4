/** What is used of elkjs. Its own types come with Astro, on first use; the repository is checked without them. */
declare module 'elkjs/lib/elk.bundled.js' {
  import type { ElkGraph } from './layered.ts';
  export default class Elk {
    layout(graph: ElkGraph): Promise<ElkGraph>;
  }
}
