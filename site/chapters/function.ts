/** The page of a function: how it is called, what it takes and what it gives. Pure. */
import type { RoleSite } from '../content.ts';
import {
  type Block,
  between,
  code,
  heading,
  link,
  newLine,
  type Page,
  paragraph,
  text,
  type Words,
  weak,
  words,
} from '../document.ts';
import type { FunctionContent, OverloadContent, ResultContent } from '../functions.ts';
import { exampleBlocks } from './examples.ts';
import { operations } from './table.ts';

export function functionPage(one: FunctionContent, role: RoleSite): Page {
  const several = one.overloads.length > 1;
  return {
    id: `function:${one.name}`,
    path: `/functions/${one.slug}/`,
    title: one.name,
    description: one.description,
    blocks: [
      ...(one.description === null
        ? []
        : [{ kind: 'text', words: [text(one.description)], form: 'lead' } as const]),
      facts(one),
      ...one.overloads.flatMap((overload, index) => formBlocks(overload, several ? index + 1 : null)),
      ...operations(one.operations),
      ...examples(one, role),
    ],
  };
}

function facts({ rest, reads }: FunctionContent): Block {
  const methods = reads ? words('`GET` or `POST`: it reads only') : words('`POST`: it may write');
  const profile =
    rest.profile === null
      ? []
      : [
          newLine,
          ...words(
            'with the header ',
            code(`Content-Profile: ${rest.profile}`),
            ' (`Accept-Profile` by GET)',
          ),
        ];
  return {
    kind: 'table',
    head: null,
    form: 'facts',
    label: 'How the function is called',
    rows: [
      [[text('REST')], [code(rest.path), ...profile]],
      [[text('Method')], methods],
    ],
  };
}

/** @param number of an overload among several */
function formBlocks(overload: OverloadContent, number: number | null): readonly Block[] {
  const suffix = number === null ? '' : ` ${number}`;
  const id = number === null ? '' : `-${number}`;
  return [
    heading(2, `arguments${id}`, `Arguments${suffix}`),
    ...argumentBlocks(overload),
    heading(2, `result${id}`, `Result${suffix}`),
    ...resultBlocks(overload.result),
  ];
}

function argumentBlocks({ arguments: given, body }: OverloadContent): readonly Block[] {
  if (given.length === 0) return [paragraph('None.')];
  if (body !== null) return [paragraph('The whole body of the request, as ', code(body), '.')];
  return [
    {
      kind: 'table',
      head: ['Name', 'Type', 'Given'],
      form: 'plain',
      label: 'Arguments',
      rows: given.map(({ name, type, optional, variadic, labels }) => [
        [code(name ?? '')],
        between([[text(type)], ...(labels.length === 0 ? [] : [labelWords(labels)])], newLine),
        [
          text(optional ? 'may be left out: it has a default' : 'always'),
          ...(variadic ? [newLine, weak('several times, in a query')] : []),
        ],
      ]),
    },
  ];
}

function labelWords(labels: readonly string[]): Words {
  return between(
    labels.map((label) => [code(label)]),
    text(' '),
  );
}

function resultBlocks(result: ResultContent): readonly Block[] {
  switch (result.kind) {
    case 'void':
      return [paragraph('Nothing: the answer is empty.')];
    case 'records':
      return [paragraph('Rows whose columns only the call tells, or nothing.')];
    case 'value':
      return [
        paragraph(result.set ? 'A list of values of type ' : 'A value of type ', code(result.type), '.'),
      ];
    case 'table':
      if (result.table === null) return [paragraph('Rows of which this role may read nothing.')];
      return [
        paragraph(
          result.set ? 'Rows of ' : 'A row of ',
          link(result.table.name, `/tables/${result.table.slug}/`),
          ', with the columns and relationships that are read there.',
        ),
      ];
    case 'rows':
      return [
        paragraph(result.set ? 'Rows with these columns:' : 'A row with these columns:'),
        {
          kind: 'table',
          head: ['Name', 'Type'],
          form: 'plain',
          label: 'Columns of the result',
          rows: result.columns.map(({ name, type }) => [[code(name)], [text(type)]]),
        },
      ];
    default:
      return result satisfies never;
  }
}

function examples({ examples }: FunctionContent, role: RoleSite): readonly Block[] {
  if (examples.length === 0) return [];
  return [heading(2, 'examples', 'Examples'), ...exampleBlocks(examples, role, 'example')];
}
