/** The works in GraphQL: a document for each contestant, and how its answer is brought to the shape that all are compared in. */
import { sizes, type Work } from './data.ts';

export type GraphqlKind = 'graphql' | 'postgraphile' | 'platformatic';

export interface Document {
  readonly query: string;
  /** Several are taken in turn. */
  readonly variables?: readonly Readonly<Record<string, unknown>>[];
}

const albums = Array.from({ length: sizes.albums }, (_, index) => 1 + ((index * 211) % sizes.albums));
const tracks = Array.from({ length: 500 }, (_, index) => 1 + ((index * 7919) % sizes.tracks));
const counters = Array.from({ length: 500 }, (_, index) => 1 + ((index * 7919) % sizes.counters));
const note = { body: 'What I thought of it, number 1', stars: 2 };

/** In the order in which the ratios are read: GraphQL of ours against our REST and against the others'. */
export const graphqlWorks: readonly Work[] = [
  {
    name: 'graphql: one row',
    rest: tracks.map((id) => `/tracks?select=id,name,ms&id=eq.${id}`),
    accept: 'application/vnd.pgrst.object+json',
    documents: {
      graphql: {
        query: 'query ($id: Int!) { track: tracks_by_pk(id: $id) { id name ms } }',
        variables: tracks.map((id) => ({ id })),
      },
      postgraphile: {
        query: 'query ($id: Int!) { track: trackByRowId(rowId: $id) { id: rowId name ms } }',
        variables: tracks.map((id) => ({ id })),
      },
      platformatic: {
        query: 'query ($id: ID!) { track: getTrackById(id: $id) { id name ms } }',
        variables: tracks.map((id) => ({ id: String(id) })),
      },
    },
  },
  {
    name: 'graphql: 20 rows',
    rest: ['/tracks?select=id,name,ms&order=id&limit=20'],
    documents: {
      graphql: { query: 'query { tracks(order_by: { id: asc }, limit: 20) { id name ms } }' },
      postgraphile: {
        query: 'query { tracks: allTracks(orderBy: ROW_ID_ASC, first: 20) { nodes { id: rowId name ms } } }',
      },
      platformatic: {
        query: 'query { tracks(orderBy: { field: id, direction: ASC }, limit: 20) { id name ms } }',
      },
    },
  },
  {
    name: 'graphql: 10 artists → albums → tracks',
    rest: [
      '/artists?select=id,name,albums(id,title,tracks(id,name,ms))&order=id&limit=10&albums.order=id&albums.tracks.order=id',
    ],
    documents: {
      graphql: {
        query: `query { artists(order_by: { id: asc }, limit: 10) {
          id name albums(order_by: { id: asc }) { id title tracks(order_by: { id: asc }) { id name ms } }
        } }`,
      },
      postgraphile: {
        query: `query { artists: allArtists(orderBy: ROW_ID_ASC, first: 10) { nodes {
          id: rowId name albums: albumsByArtistId(orderBy: ROW_ID_ASC) { nodes {
            id: rowId title tracks: tracksByAlbumId(orderBy: ROW_ID_ASC) { nodes { id: rowId name ms } }
          } }
        } } }`,
      },
      platformatic: {
        query: `query { artists(orderBy: { field: id, direction: ASC }, limit: 10) {
          id name albums(orderBy: { field: id, direction: ASC }, limit: 100) {
            id title tracks(orderBy: { field: id, direction: ASC }, limit: 100) { id name ms }
          }
        } }`,
      },
    },
  },
  {
    name: 'graphql: an aggregate',
    rest: albums.map((id) => `/tracks?select=count()&album_id=eq.${id}`),
    accept: 'application/vnd.pgrst.object+json',
    documents: {
      graphql: {
        query:
          'query ($album: Int!) { tracks: tracks_aggregate(where: { album_id: { _eq: $album } }) { aggregate { count } } }',
        variables: albums.map((album) => ({ album })),
      },
      postgraphile: {
        query:
          'query ($album: Int!) { tracks: allTracks(condition: { albumId: $album }) { count: totalCount } }',
        variables: albums.map((album) => ({ album })),
      },
      platformatic: {
        query:
          'query ($album: ID!) { tracks: countTracks(where: { albumId: { eq: $album } }) { count: total } }',
        variables: albums.map((album) => ({ album: String(album) })),
      },
    },
  },
  {
    name: 'graphql: insert one',
    rest: ['/notes'],
    documents: {
      graphql: {
        query: 'mutation ($note: notes_insert_input!) { insert_notes(objects: [$note]) { affected_rows } }',
        variables: [{ note }],
      },
      postgraphile: {
        query: 'mutation ($note: NoteInput!) { createNote(input: { note: $note }) { clientMutationId } }',
        variables: [{ note }],
      },
      platformatic: {
        query: 'mutation ($note: NoteInput!) { saveNote(input: $note) { body } }',
        variables: [{ note }],
      },
    },
    write: {
      method: 'POST',
      body: JSON.stringify(note),
      before: 'TRUNCATE TABLE notes',
      leaves: 'SELECT body, stars FROM notes ORDER BY id',
    },
  },
  {
    name: 'graphql: update one by key',
    rest: counters.map((id) => `/counters?id=eq.${id}&select=id,n`),
    documents: {
      graphql: {
        query:
          'mutation ($id: Int!) { counter: update_counters_by_pk(pk_columns: { id: $id }, _set: { n: 7 }) { id n } }',
        variables: counters.map((id) => ({ id })),
      },
      postgraphile: {
        query:
          'mutation ($id: Int!) { updateCounterByRowId(input: { rowId: $id, counterPatch: { n: 7 } }) { counter { id: rowId n } } }',
        variables: counters.map((id) => ({ id })),
      },
      platformatic: {
        query: 'mutation ($id: ID!) { counter: saveCounter(input: { id: $id, n: 7 }) { id n } }',
        variables: counters.map((id) => ({ id: String(id) })),
      },
    },
    write: {
      method: 'PATCH',
      body: '{"n":7}',
      prefer: 'return=representation',
      before: 'UPDATE counters SET n = 0 WHERE n <> 0',
      leaves: 'SELECT id, n FROM counters WHERE n <> 0',
    },
  },
];

/** What an answer says, without the wrappings that each contestant has of its own. */
export function bare(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(bare);
  if (typeof answer !== 'object' || answer === null) return answer;
  const entries = Object.entries(answer);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && wrappings.has(only[0])) return bare(only[1]);
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'id' ? Number(value) : bare(value)]));
}

const wrappings = new Set(['data', 'nodes', 'artists', 'tracks', 'track', 'aggregate']);
