/** The text that is printed; whether it is right TypeScript for a client is the matter of client.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject } from '../../test/project.ts';
import { librarySql, libraryYaml } from './library.fixture.ts';
import { printTypes } from './typescript.ts';

/** `Database` without its first and last line, and what follows the helper types. */
function partsOf(text: string): { readonly database: string; readonly constants: string } {
  const [, database] = /^export type Database = \{\n([\s\S]*?)^\}\n/m.exec(text)!;
  return { database: database!, constants: text.slice(text.indexOf('export const Constants')) };
}

/** What stands under a key, up to the line that closes it. */
function under(text: string, key: string): string {
  const [, indent, body] = new RegExp(`^( *)${key}: [\\[{]\\n([\\s\\S]*?)^\\1[\\]}]`, 'm').exec(text)!;
  const cut = new RegExp(`^ {${indent!.length + 2}}`, 'gm');
  return body!.replace(cut, '');
}

test('prints a small schema to the letter', async (t) => {
  const { api } = await createProject(t, {
    sql: `
create type mood as enum ('happy', 'so so');
create table people (
  id int generated always as identity primary key,
  "full name" text not null default '',
  mood mood,
  boss int references people,
  data jsonb not null
);
create view moods as select mood, count(*) as people from people group by mood;
create function greet(person text, often int default 1) returns text language sql as $$ select person $$;`,
    yaml: 'roles: {}\ntables: { people: {}, moods: {} }\nfunctions: { greet: {} }\n',
  });
  const text = printTypes(api);
  assert.deepEqual(partsOf(text), {
    database: `  __InternalSupabase: {
    PostgrestVersion: "14.1"
  }
  public: {
    Tables: {
      people: {
        Row: {
          boss: number | null
          data: NonNullable<Json>
          "full name": string
          id: number
          mood: Database["public"]["Enums"]["mood"] | null
        }
        ComputedFields: never
        Insert: {
          boss?: number | null
          data: NonNullable<Json>
          "full name"?: string
          id?: never
          mood?: Database["public"]["Enums"]["mood"] | null
        }
        Update: {
          boss?: number | null
          data?: NonNullable<Json>
          "full name"?: string
          id?: never
          mood?: Database["public"]["Enums"]["mood"] | null
        }
        Relationships: [
          {
            foreignKeyName: "people_boss_fkey"
            columns: ["boss"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Views: {
      moods: {
        Row: {
          mood: Database["public"]["Enums"]["mood"] | null
          people: number | null
        }
        ComputedFields: never
        Relationships: []
      }
    }
    Functions: {
      greet: { Args: { often?: number; person: string }; Returns: string }
    }
    Enums: {
      mood: "happy" | "so so"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
`,
    constants: `export const Constants = {
  public: {
    Enums: {
      mood: ["happy", "so so"],
    },
  },
} as const
`,
  });
  assert.match(text, /^export type Json =\n {2}\| string\n/);
  assert.equal(printTypes(api), text);
});

test('a project without tables has the default schema, with nothing in it', async (t) => {
  const { api } = await createProject(t, { sql: '', yaml: 'roles: { a: {} }\n' });
  const nothing = '\n      [_ in never]: never\n    }\n';
  const parts = ['Tables', 'Views', 'Functions', 'Enums', 'CompositeTypes'];
  const database = `  __InternalSupabase: {\n    PostgrestVersion: "14.1"\n  }\n  public: {\n${parts.map((part) => `    ${part}: {${nothing}`).join('')}  }\n`;
  for (const role of [undefined, 'a', 'undeclared']) {
    assert.deepEqual(partsOf(printTypes(api, role)), {
      database,
      constants: 'export const Constants = {\n  public: {\n    Enums: {},\n  },\n} as const\n',
    });
  }
});

test('a role has what it was granted, and nothing tells of the rest', async (t) => {
  const schemas = ['public', 'stock'];
  const { api } = await createProject(t, { sql: librarySql, yaml: libraryYaml, schemas });
  const seller = partsOf(printTypes(api, 'seller')).database;
  assert.equal(
    under(seller, 'public'),
    `Tables: {
  books: {
    Row: {
      [_ in never]: never
    }
    ComputedFields: never
    Insert: {
      price?: number | null
      title: string
    }
    Update: {
      price?: number | null
      title?: never
    }
    Relationships: []
  }
}
Views: {
  [_ in never]: never
}
Functions: {
  search_books: {
    Args: { max_rows?: number; term: string }
    Returns: never[]
  }
}
Enums: {
  [_ in never]: never
}
CompositeTypes: {
  [_ in never]: never
}
`,
  );
  const visitor = printTypes(api, 'visitor');
  for (const denied of ['secret', 'last_name', 'copies', 'labels', 'tag', 'ping', 'published', 'stock'])
    assert.doesNotMatch(visitor, new RegExp(denied));
  assert.equal(
    under(visitor, 'authors'),
    `Row: {
  first_name: string
  id: number
  full_name: string | null
}
ComputedFields: "full_name"
Insert: {
  first_name?: never
  id?: never
}
Update: {
  first_name?: never
  id?: never
}
Relationships: []
`,
  );
  assert.doesNotMatch(printTypes(api), /secret/);
  assert.equal(printTypes(api, 'service'), printTypes(api));
});

test('a column that only some rows show may be null', async (t) => {
  const { api } = await createProject(t, {
    sql: 'create table notes (id int primary key, owner text not null, body text not null);',
    yaml: `
roles: { reader: {}, owner: { inherits: [reader] } }
tables:
  notes:
    permissions:
      reader: { select: { columns: [id, owner] } }
      owner: { select: { columns: [id, owner, body], where: { owner: $jwt.sub } } }
`,
  });
  assert.equal(under(printTypes(api, 'owner'), 'Row'), 'body: string | null\nid: number\nowner: string\n');
  assert.equal(under(printTypes(api), 'Row'), 'body: string\nid: number\nowner: string\n');
});

test('relationships stand on the table that holds the columns, once, whoever declares them', async (t) => {
  const { api } = await createProject(t, {
    sql: `
create schema stock;
create table rooms (id int primary key);
create table places (building text, no int, name text unique, primary key (building, no));
create table shelves (
  id int primary key, building text, no int, place text, room int, hidden int,
  constraint placed foreign key (building, no) references places
);
create table stock.items (id int primary key, shelf int references shelves);
create view busy as select id, building from shelves;`,
    schemas: ['public', 'stock'],
    yaml: `
roles: {}
tables:
  rooms: { relationships: { room_shelves: { from: shelves.room } } }
  places:
    relationships:
      shelves: false
  shelves:
    columns: { hidden: { hidden: true } }
    relationships:
      chamber: { column: room, to: rooms.id }
      named: { column: place, to: places.name }
      own: { column: hidden, to: shelves.id }
  stock.items: {}
  busy:
    relationships:
      shelf: { column: id, to: shelves.id }
`,
  });
  const text = printTypes(api);
  assert.equal(
    under(text, 'shelves').replace(/[\s\S]*Relationships: /, ''),
    `[
  {
    foreignKeyName: "chamber"
    columns: ["room"]
    isOneToOne: false
    referencedRelation: "rooms"
    referencedColumns: ["id"]
  },
  {
    foreignKeyName: "named"
    columns: ["place"]
    isOneToOne: false
    referencedRelation: "places"
    referencedColumns: ["name"]
  },
  {
    foreignKeyName: "placed"
    columns: ["building", "no"]
    isOneToOne: false
    referencedRelation: "places"
    referencedColumns: ["building", "no"]
  },
]
`,
  );
  assert.match(under(text, 'places'), /Relationships: \[\]/);
  assert.match(under(text, 'busy'), /foreignKeyName: "shelf"\n {4}columns: \["id"\]/);
  assert.match(under(text, 'items'), /Relationships: \[\]/);
});

test('types are what JSON has of them', async (t) => {
  const { api } = await createProject(t, {
    sql: `
create extension if not exists citext;
create domain score as int check (value > 0);
create schema elsewhere;
create type elsewhere.color as enum ('red', 'blue');
create type point3 as (x float8, y float8, z float8);
create table everything (
  a_bool bool not null, b_int2 int2 not null, c_int4 int4 not null, d_int8 int8 not null, e_float4 float4 not null,
  f_float8 float8 not null, g_numeric numeric not null, h_text text not null, i_varchar varchar(5) not null,
  j_char char(5) not null, k_citext citext not null, l_uuid uuid not null, m_date date not null, n_time time not null,
  o_timetz timetz not null, p_timestamp timestamp not null, q_timestamptz timestamptz not null, r_bytea bytea not null,
  s_json json, t_jsonbs jsonb[] not null, u_interval interval not null, v_range int4range not null, w_inet inet,
  x_score score not null, y_scores score[] not null, z_color elsewhere.color not null, za_colors elsewhere.color[] not null,
  zb_point point3 not null, zc_bigs int8[] not null
);
create function row_of(given everything, points point3[]) returns json language sql as $$ select '1'::json $$;`,
    yaml: 'roles: {}\ntables: { everything: {} }\nfunctions: { row_of: {} }\n',
  });
  const row = (numbers: 'number' | 'string') =>
    under(printTypes({ ...api, limits: { ...api.limits, numbers } }), 'Row');
  assert.equal(
    row('number'),
    `a_bool: boolean
b_int2: number
c_int4: number
d_int8: number
e_float4: number
f_float8: number
g_numeric: number
h_text: string
i_varchar: string
j_char: string
k_citext: string
l_uuid: string
m_date: string
n_time: string
o_timetz: string
p_timestamp: string
q_timestamptz: string
r_bytea: string
s_json: Json | null
t_jsonbs: Json[]
u_interval: unknown
v_range: unknown
w_inet: unknown | null
x_score: number
y_scores: number[]
z_color: "red" | "blue"
za_colors: ("red" | "blue")[]
zb_point: unknown
zc_bigs: number[]
`,
  );
  assert.equal(
    row('string'),
    row('number')
      .replace('d_int8: number', 'd_int8: string')
      .replace('g_numeric: number', 'g_numeric: string')
      .replace('zc_bigs: number', 'zc_bigs: string'),
  );
  assert.equal(
    under(printTypes(api), 'row_of'),
    `Args: {
  given: Database["public"]["Tables"]["everything"]["Row"]
  points: unknown[]
}
Returns: Json
`,
  );
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`prints what procedures of ${engine} take and give`, async (t) => {
    const { api } = await createProject(t, {
      engine,
      sql: `
        create procedure listed(least int) reads sql data select least;
        create procedure totals(out total bigint, in least int) set total = least;`,
      yaml: 'roles: {}\nfunctions: { listed: {}, totals: {} }\n',
    });
    assert.equal(
      under(partsOf(printTypes(api)).database, 'Functions'),
      `listed: { Args: { least: number }; Returns: Record<string, Json>[] }
totals: {
  Args: { least: number }
  Returns: {
    total: number
  }
}
`,
    );
  });
