/** docs/plan-rules.md tells of every rule, and of no other; ids of other tools are theirs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type ApiRule, type ApiRuleId, apiRules } from './rules.ts';

const docs = readFileSync(path.join(import.meta.dirname, '../../../docs/plan-rules.md'), 'utf8');
const section = docs.slice(docs.indexOf('\n## API\n')).split(/\n## (?!API\n)/)[0]!;

/** As the page has it; to be put there when a rule changes. */
function rowOf([id, rule]: readonly [string, ApiRule]): string {
  const { title, why, only, oasdiff, inspector } = rule;
  const others = [
    ...(oasdiff === undefined ? [] : [`\`${oasdiff}\``]),
    ...(inspector === undefined ? [] : [`\`${inspector[0]}\``]),
  ];
  const what = `${title}${only === undefined ? '' : ` (${only} only)`}`;
  return `| \`${id}\` | ${what} | ${why} | ${others.join(' ')} |`;
}

test('docs/plan-rules.md lists every rule of the API under its level, in this order', () => {
  for (const level of ['breaking', 'dangerous', 'safe'] as const) {
    const rules = Object.entries(apiRules as Record<ApiRuleId, ApiRule>).filter(
      ([, rule]) => rule.level === level,
    );
    const listed =
      section
        .split(`\n### ${level}\n`)[1]
        ?.split('\n### ')[0]
        ?.match(/^\| `.*$/gm) ?? [];
    assert.deepEqual(listed, rules.map(rowOf));
  }
});

test('ids are kebab-case, and what is said of a rule can stand in a table', () => {
  for (const [id, { title, why }] of Object.entries<ApiRule>(apiRules)) {
    assert.match(id, /^[a-z]+(?:-[a-z]+)*$/);
    assert.match(title, /^[A-Z][^|\n.]*$/, id);
    assert.match(why, /^[A-Za-z"][^|\n]*[^.]$/, id);
  }
});
