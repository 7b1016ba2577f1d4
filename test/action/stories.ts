/** Tests of the Action from the outside: each story is played on the tests' GitHub, and what its users would see is as recorded. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, describe, it } from 'node:test';
import { installAction } from './bundle.ts';
import { holdHarmless } from './harmless.ts';
import { play, type Told } from './play.ts';
import { compareOrRecord } from './recorded.ts';
import { readStory, storyFolders } from './story.ts';

/**
 * One test for each story. `NOVASTACK_STORY=race` plays those with such a name, `NOVASTACK_RECORD=1` records anew.
 *
 * @param kind a folder below `stories/`
 */
export async function testStories(kind: string): Promise<void> {
  const bundle = await installAction({ after });
  const chosen = process.env.NOVASTACK_STORY ?? '';
  const folders = (await storyFolders(kind)).filter((folder) => basename(folder).includes(chosen));
  describe(`the Action: ${kind}`, { concurrency: 3 }, () => {
    for (const folder of folders)
      it(basename(folder), async (t) => {
        const told = await play(t, bundle, await readStory(folder));
        await compareOrRecord(folder, told);
        for (const one of told) holdsAlways(one);
      });
  });
}

/** Whatever is recorded. */
function holdsAlways({ name, ran, ends, files }: Told): void {
  assert.deepEqual([ran.outputs.result, ran.code], [ends, ends === 'success' ? 0 : 1], name);
  for (const [file, text] of Object.entries(files))
    if (file.endsWith('.md')) holdHarmless(text, `${name}/${file}`);
}
