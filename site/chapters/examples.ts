/** Requests that a reader can copy, each with what it gives. Pure. */
import type { RoleSite } from '../content.ts';
import { type Block, type Choice, code, heading, text, type Words, words } from '../document.ts';
import type { Example } from '../examples.ts';

/** @param id what the ids of their headings begin with */
export function exampleBlocks(
  examples: readonly Example[],
  { anonymous, claims }: Pick<RoleSite, 'anonymous' | 'claims'>,
  id: string,
): readonly Block[] {
  return [
    ...(anonymous ? [] : [tokenNote(claims)]),
    ...examples.flatMap((example, index): readonly Block[] => {
      const { title, gives } = example;
      return [
        heading(3, `${id}-${index + 1}`, title),
        { kind: 'choice', of: choicesOf(example) },
        { kind: 'text', words: givesWords(gives) },
        ...(gives.answer === null ? [] : [{ kind: 'code', language: 'json', code: gives.answer } as const]),
      ];
    }),
  ];
}

function tokenNote(claims: RoleSite['claims']): Block {
  const token = words('A token of this role stands in the environment as ', code('TOKEN'));
  const said =
    claims === null
      ? []
      : words('; the answers are those to one that also says ', code(JSON.stringify(claims)));
  return { kind: 'text', words: [...token, ...said, text('.')] };
}

function givesWords({ status, shape, answer }: Example['gives']): Words {
  const given = words('Answers ', code(String(status)), ` with ${shape}`);
  if (answer === null && shape !== 'nothing') return [...given, text('. The values stand for your own.')];
  return [...given, text(answer?.startsWith('[') ? '; the first of them:' : '.')];
}

/** GraphQL's document and what sends it stand together. */
function choicesOf({ snippets }: Example): readonly Choice[] {
  const document = snippets.find(({ label }) => label === 'GraphQL');
  const sent = snippets.find(({ label }) => label === 'GraphQL by curl');
  const others = snippets.filter(({ label }) => !label.startsWith('GraphQL'));
  return [
    ...others.map(({ label, language, code }) => ({ label, parts: [{ language, code }] })),
    ...(document === undefined || sent === undefined
      ? []
      : [
          {
            label: 'GraphQL',
            parts: [
              { language: 'graphql', code: document.code },
              ...(document.variables === null ? [] : [{ language: 'json', code: document.variables }]),
              { language: 'sh', code: sent.code },
            ],
          },
        ]),
  ];
}
