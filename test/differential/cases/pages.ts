/** Pages, ranges, counts and preferences of reads. */
import { type Case, reads } from '../case.ts';

const counts = ['exact', 'planned', 'estimated'] as const;

const pages = [
  '',
  'limit=2',
  'limit=2&offset=1',
  'offset=3',
  'offset=4&limit=10',
  'offset=5',
  'offset=6',
  'limit=0',
  'limit=0&offset=1',
  'limit=5',
  'limit=1000',
] as const;

const ranges = ['0-1', '1-2', '0-0', '2-', '0-', '4-9', '5-9', '9-10', '3-1', 'x', '-2', '0-1,3-4'] as const;

export const pageCases: readonly Case[] = [
  ...pages.flatMap((page): Case[] => {
    const path = `/works?select=id&order=id${page && `&${page}`}`;
    return [
      { request: `GET ${path}` },
      { request: `HEAD ${path}` },
      { request: `GET ${path}`, headers: { prefer: 'count=exact' } },
      { request: `HEAD ${path}`, headers: { prefer: 'count=exact' } },
    ];
  }),
  ...ranges.flatMap((range): Case[] => [
    { request: 'GET /works?select=id&order=id', headers: { range } },
    { request: 'GET /works?select=id&order=id', headers: { range, 'range-unit': 'items' } },
    { request: 'GET /works?select=id&order=id', headers: { range, prefer: 'count=exact' } },
    { request: 'GET /works?select=id&order=id&limit=3&offset=1', headers: { range } },
  ]),
  { request: 'HEAD /works?select=id', headers: { range: '1-2', prefer: 'count=exact' } },
  ...reads([
    '/numbers?select=n&order=n',
    '/numbers?select=n&order=n&limit=150',
    '/numbers?select=n&order=n&offset=200',
    '/numbers?select=n&order=n&offset=249&limit=5',
    '/numbers?select=n&order=n&offset=250',
    '/numbers?select=n&n=gt.300',
    '/numbers?select=n&n=gt.300&offset=1',
  ]),
  ...reads(
    [
      '/numbers?select=n&order=n',
      '/numbers?select=n&order=n&limit=150',
      '/numbers?select=n&order=n&offset=200',
      '/numbers?select=n&order=n&offset=250',
      '/numbers?select=n&order=n&offset=251',
      '/numbers?select=n&n=gt.300',
      '/numbers?select=n&n=gt.300&offset=1',
      '/numbers?select=n&grp=eq.3&limit=2',
      '/numbers?select=n&order=n&limit=0',
      '/notes',
      '/room_areas?select=wing',
      '/works?select=id,loans!inner(id)',
      '/works?select=id,loans(id)&loans.limit=1',
    ],
    { prefer: 'count=exact' },
  ),
];

export const preferenceCases: readonly Case[] = [
  'count=exact',
  'count=Exact',
  'count=nope',
  'count=exact,count=planned',
  'count=exact, handling=lenient',
  'handling=strict',
  'handling=lenient',
  'handling=strict, count=exact',
  'handling=strict, nope=1',
  'handling=strict, nope',
  'handling=strict, nope=1, more=2',
  'handling=lenient, nope=1',
  'nope=1',
  'return=representation',
  'return=minimal',
  'resolution=merge-duplicates',
  'missing=default',
  'tx=rollback',
  'tx=commit',
  'tx=rollback, count=exact',
  'timezone=America/New_York',
  'timezone=Nowhere/Else',
  'handling=strict, timezone=Nowhere/Else',
  'timezone=UTC',
  'count=exact;x',
  ' count=exact ',
  'count = exact',
].map((prefer) => ({ request: 'GET /works?select=id,added&id=lt.3&order=id', headers: { prefer } }));

/** Equal to the exact count on analysed tables or small ones only where the planner is sure, so the exact page is what is asked. */
export const countWords: readonly Case[] = counts.map((count) => ({
  request: 'GET /works?select=id&id=eq.1',
  headers: { prefer: `count=${count}` },
}));
