/** A project of 200 tables: whatever changes for all of them is more than a comment holds. */

const tables = Array.from(
  { length: 200 },
  (_, n) => `measurements_of_the_station_${String(n + 1).padStart(3, '0')}`,
);

const project = `novastack: 1
project: stations
databases:
  main: { engine: postgres, url: "\${env:STATIONS_URL}" }
auth:
  anonymous: visitor
  jwt:
    - { issuer: https://login.example.eu/, audience: stations, jwks: https://login.example.eu/keys }
roles:
  visitor: {}
  partner: { inherits: [visitor] }
`;

const database = `engine: postgres
version: "18"
schemas: [public]
capabilities: { arrays: true, fullText: true, lateral: true, ranges: true, returning: true, transactionalDdl: true }
`;

function declared(table: string): string {
  return `  ${table}:
    permissions:
      visitor: { select: { columns: [id, taken_at, temperature], where: { temperature: { _is_null: false } } } }
`;
}

function locked(table: string): string {
  return `schema: public
relation: ${table}
kind: table
columns:
  - { name: id, type: int8, identity: always }
  - { name: taken_at, type: timestamptz, default: "now()" }
  - { name: temperature, type: "numeric(4,1)", nullable: true }
primary_key:
  name: ${table}_pkey
  columns: [id]
indexes:
  - { name: ${table}_pkey, columns: [id], method: btree, unique: true }
`;
}

/** Files by their paths. */
export const files: Readonly<Record<string, string>> = {
  'novastack.yaml': project,
  'novastack.lock/main/database.yaml': database,
  'tables.yaml': `tables:\n${tables.map(declared).join('')}`,
  ...Object.fromEntries(
    tables.map((table) => [`novastack.lock/main/tables/public.${table}.yaml`, locked(table)]),
  ),
};
