import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parseApprovals } from '../../../schema/approvals.ts';
import type { Change } from '../change.ts';
import { isUnaccepted } from '../gate.ts';
import type { Plan } from '../report.ts';
import { say } from '../sentence.ts';
import { type MarkdownOptions, planMarkdown, planSummary } from './markdown.ts';
import * as plans from './plans.fixture.ts';
import { holdRecorded } from './recorded.fixture.ts';

const { plan, project } = plans;
const repositoryUrl = 'https://github.com/acme/apis';
const options: MarkdownOptions = {
  gate: 'error',
  today: '2026-11-30',
  repositoryUrl,
  headSha: '4f1c2a9d8e7b6a5c4d3e2f1a0b9c8d7e6f5a4b3c',
  runUrl: `${repositoryUrl}/actions/runs/123456789`,
  approveLabel: 'approved-breaking-change',
  marker: '<!-- novastack-plan: apis -->',
};

const story = plan(
  project({
    changes: [plans.fieldGone, plans.roleWidened, plans.limitLowered, plans.filterChanged, plans.tableAdded],
    migrations: [plans.migration],
    tests: plans.testsPassed,
  }),
);

interface Told {
  readonly plan: Plan;
  readonly options?: Partial<MarkdownOptions>;
}

const told: Readonly<Record<string, Told>> = {
  nothing: { plan: plan(project({ state: 'unchanged' })) },
  safe: { plan: plan(project({ state: 'added', changes: [plans.tableAdded] })) },
  story: { plan: story },
  invalid: {
    plan: plan(
      project({
        diagnostics: plans.wrong,
        incomparable: 'The head does not compile, so what changes for callers cannot be told.',
      }),
    ),
  },
  accepted: {
    plan: plan(
      project({ changes: [plans.accepted, plans.filterChanged], migrations: [plans.mysqlMigration] }),
    ),
    options: { gate: 'warning' },
  },
  tests: { plan: plan(project({ changes: [plans.tableAdded], tests: plans.testsFailed })) },
  fork: {
    plan: plan(
      project({
        path: 'shop',
        changes: [plans.fieldGone],
        tests: {
          results: [],
          notRun: 'Tests that ask for answers need a database "main" that nobody has here.',
          coverage: undefined,
        },
      }),
    ),
    options: {
      repositoryUrl: 'https://github.com/someone/apis',
      approveLabel: undefined,
      marker: undefined,
      gate: 'invalid',
    },
  },
  bare: {
    plan: story,
    options: { repositoryUrl: undefined, headSha: undefined, runUrl: undefined, gate: 'never' },
  },
  monorepo: { plan: plans.monorepo },
  hostile: {
    plan: plans.named(
      'a|b`@team #12 </details><img src=x onerror=alert(1)> --> [x](javascript:alert(1)) https://evil.example :tada: \u202e ::error:: me@evil.example\n# h',
    ),
  },
};

describe('the comment, as it is recorded', () => {
  for (const [name, one] of Object.entries(told)) {
    test(name, () => {
      holdRecorded(`comment.${name}.recorded.md`, planMarkdown(one.plan, { ...options, ...one.options }));
    });
  }
});

describe('the summary of the job, as it is recorded', () => {
  for (const name of ['story', 'tests', 'monorepo'] as const) {
    test(name, () => {
      const { plan: given, options: own } = told[name]!;
      holdRecorded(`summary.${name}.recorded.md`, planSummary(given, { ...options, ...own }));
    });
  }
});

function html(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

/** Every element but code, with where links lead. */
function elementsOf(markdown: string): readonly string[] {
  const bare = html(markdown).replace(/<code>[^<]*<\/code>/g, '');
  return bare.match(/<!--.*?-->|<[^>]*>/gs) ?? [];
}

function textOutsideCode(markdown: string): string {
  return html(markdown)
    .replace(/<pre>.*?<\/pre>|<code>[^<]*<\/code>|<!--.*?-->/gs, '')
    .replace(/<[^>]*>/g, '');
}

const both = [planMarkdown, planSummary];

describe('names', () => {
  const anything = fc.oneof(
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '`',
            '|',
            '\\',
            '<',
            '>',
            '&',
            '@team',
            '#12',
            '-->',
            '</details>',
            '</code>',
            '"',
            '\n',
            ' ',
          ),
          fc.constantFrom(
            '[x](javascript:a)',
            '**',
            '~~',
            '```',
            ':tada:',
            '$',
            'www.e.example',
            'http://e.example',
          ),
          fc.constantFrom(
            '\u202e',
            '\u0000',
            '\ud800',
            '- ',
            '1. ',
            '# ',
            '| a |',
            '::error::',
            'me@e.example',
            '..',
            '/',
          ),
          fc.string({ unit: 'binary', maxLength: 3 }),
        ),
        { minLength: 1, maxLength: 10 },
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('x'.repeat(10_000), '@'.repeat(10_000), '`'.repeat(999), '|'.repeat(100)),
  );

  const roomy = { ...options, maxBytes: 1_000_000 };

  test('make no element, no mention and no link, whatever they are', () => {
    for (const write of both) {
      // Long ones stand on lines of their own, and very long ones are not linked.
      const shapes = ['books', 'x'.repeat(60), 'x'.repeat(10_000)].map((name) =>
        shapeOf(write(plans.named(name), roomy)),
      );
      fc.assert(
        fc.property(anything, (name) => {
          const markdown = write(plans.named(name), roomy);
          assert.ok(shapes.includes(shapeOf(markdown)));
          for (const href of hrefs(markdown)) assert.ok(href.startsWith(`${repositoryUrl}/`), href);
          assert.doesNotMatch(textOutsideCode(markdown), /[@#`|\\]|\/\/|www\.|javascript/);
        }),
        { numRuns: 25 },
      );
    }
  });

  function shapeOf(markdown: string): string {
    return elementsOf(markdown)
      .map((element) => element.replace(/ href="[^"]*"/, ''))
      .join('');
  }

  function hrefs(markdown: string): readonly string[] {
    return elementsOf(markdown).flatMap((element) =>
      [...element.matchAll(/href="([^"]*)"/g)].map((one) => one[1]!),
    );
  }

  test('of 10,000 characters are shortened', () => {
    assert.ok(planMarkdown(plans.named('x'.repeat(10_000)), options).length < 25_000);
  });
});

describe('the size', () => {
  const sizes = [65_536, 12_000, 2_000, 700];
  const many: readonly (readonly [string, Plan])[] = [
    ['150 projects', plans.huge(150, 1_500)],
    ['one project', plans.huge(1, 1_000)],
    ['a few', plans.huge(4, 300)],
    ['long names', plans.named('漢字'.repeat(5_000))],
  ];
  for (const [name, given] of many) {
    test(`of ${name} is kept, with whole lines and the verdict`, () => {
      for (const maxBytes of sizes) {
        const markdown = planMarkdown(given, { ...options, maxBytes });
        assert.ok(Buffer.byteLength(markdown) <= maxBytes, `${Buffer.byteLength(markdown)} of ${maxBytes}`);
        assert.match(markdown, /^<!-- novastack-plan: apis -->\n### ❌ NovaStack: /);
        assert.match(markdown, /`fail-on: error`<\/sub>$/);
        assert.equal(markdown.match(/<details>/g)?.length, markdown.match(/<\/details>/g)?.length);
        assert.equal((markdown.match(/^`{3,}/gm) ?? []).length % 2, 0);
        for (const line of markdown.split('\n'))
          assert.match(line, /^$|^[-#|`*<[ ]|[.:]$|^(?:Set|reason|expires|Those)|`/);
      }
    });
  }

  test('is used', () => {
    assert.ok(Buffer.byteLength(planMarkdown(plans.huge(150, 5_000), options)) > 60_000);
    assert.ok(Buffer.byteLength(planSummary(plans.huge(150, 5_000), options)) > 500_000);
    assert.ok(Buffer.byteLength(planSummary(plans.huge(150, 5_000), options)) <= 1_000_000);
  });

  test('takes safe changes first, then statements, tests, dangerous ones, breaking ones', () => {
    const given = plans.huge(1, 60);
    const shows = (maxBytes: number) => {
      const markdown = planMarkdown(given, { ...options, maxBytes });
      return {
        safe: markdown.includes('Table `reviews` is new'),
        statements: markdown.includes('creates table `reviews`'),
        tests: markdown.includes('expected `2`'),
        dangerous: markdown.includes('Row filter of'),
        breaking: markdown.includes('Column `isbn` of `books` is **gone**'),
      };
    };
    const whole = Buffer.byteLength(planMarkdown(given, { ...options, maxBytes: 1_000_000 }));
    const order = ['safe', 'statements', 'tests', 'dangerous', 'breaking'] as const;
    for (let maxBytes = whole; maxBytes > 600; maxBytes -= 250) {
      const shown = shows(maxBytes);
      const flags = order.map((kind) => shown[kind]);
      assert.deepEqual(
        flags,
        [...flags].sort((a, b) => Number(a) - Number(b)),
        `${maxBytes}: ${flags}`,
      );
    }
  });
});

test('the entries that it proposes are approvals as they are read', () => {
  const yaml = planMarkdown(story, options).match(/```yaml\n(.*?)\n```/s)![1]!;
  const { value, diagnostics } = parseApprovals(yaml, '2026-11-30');
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    value?.map(({ fingerprint, expires }) => [fingerprint, expires]),
    story.projects[0]!.changes.filter(isUnaccepted).map(({ fingerprint }) => [fingerprint, '2027-02-28']),
  );
});

test('a removed project is accepted by the label alone', () => {
  const gone = plan(project({ state: 'removed', changes: [plans.fieldGone] }));
  const fold = (markdown: string) => markdown.match(/How to accept.*?<\/details>/s)?.[0].split('\n\n')[1];
  assert.equal(
    fold(planMarkdown(gone, options)),
    'Set the label `approved-breaking-change`, which accepts all of this as it is now.',
  );
  assert.equal(
    fold(planMarkdown(gone, { ...options, approveLabel: undefined })),
    'That a project is removed is accepted by the label of the pull request alone.',
  );
});

test('what a sentence says already is not said again', () => {
  const lines = (given: Change) => planMarkdown(plan(project({ changes: [given] })), options);
  const sentence = say`Lists of ${'books'} are cut at 50 rows for ${'visitor'}, which was 100.`;
  const told = plans.change({ ...plans.limitLowered, sentence, before: '100', after: '50' });
  assert.doesNotMatch(lines(told), /→|For `visitor`/);
  assert.match(lines({ ...told, after: '5' }), /<br>`100` → `5`$/m);
});

test('the same plan is the same text', () => {
  for (const write of both) assert.equal(write(plans.monorepo, options), write(plans.monorepo, options));
});
