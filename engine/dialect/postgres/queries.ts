/** The catalog queries: constant text, one parameter, the list of schemas. Every name is read as data, never as SQL. */

const chosen = `
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

/** Compared as text: a parameter of type name would be cut to 63 bytes and might fit another schema. */
const within = `n.nspname::text = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

export const version = `SELECT current_setting('server_version_num')`;

/** Up to version 13 a table that was never analyzed says 0 rows in 0 pages. */
export const relations = `
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL
            WHEN c.reltuples = 0 AND c.relpages = 0 AND current_setting('server_version_num')::int < 140000 THEN NULL
            ELSE c.reltuples::float8 END,
       c.relrowsecurity,
       pg_catalog.pg_relation_is_updatable(c.oid, true),
       EXISTS (SELECT FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
${chosen}
 WHERE ${within}
 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`;

/** A column of an updatable view that no base column stands behind cannot be written: as good as generated. */
export const columns = `
SELECT c.oid, a.attname, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
       pg_catalog.col_description(c.oid, a.attnum),
       CASE WHEN c.relkind = 'v' AND pg_catalog.pg_relation_is_updatable(c.oid, true) & 12 <> 0
            THEN pg_catalog.pg_column_is_updatable(c.oid, a.attnum, true) ELSE true END,
       c.relkind = 'v' OR a.attgenerated = 'v'
${chosen}
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE ${within}
 ORDER BY c.oid, a.attnum`;

/** The types of all columns, and the elements and bases these are made of. */
export const types = `
WITH RECURSIVE used (oid) AS (
  SELECT DISTINCT a.atttypid
  ${chosen}
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE ${within}
  UNION
  SELECT part.oid
    FROM used
    JOIN pg_catalog.pg_type t ON t.oid = used.oid
    CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) part (oid)
   WHERE part.oid <> 0
)
SELECT t.oid, n.nspname, t.typname, t.typtype, t.typcategory, e.oid,
       NULLIF(t.typbasetype, 0), CASE WHEN t.typbasetype <> 0 THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
       t.typnotnull, t.typdefault,
       CASE WHEN t.typtype = 'e' THEN
         (SELECT json_agg(v.enumlabel ORDER BY v.enumsortorder) FROM pg_catalog.pg_enum v WHERE v.enumtypid = t.oid)
       END
  FROM used
  JOIN pg_catalog.pg_type t ON t.oid = used.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
 ORDER BY n.nspname, t.typname`;

/**
 * Primary and foreign keys. For a foreign key that leads to a partitioned table Postgres keeps further rows, one for
 * each partition: they repeat the same key.
 */
export const constraints = `
SELECT c.oid, k.contype, k.conname,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
       fn.nspname, f.relname,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)
${chosen}
  JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'f')
  LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
  LEFT JOIN pg_catalog.pg_constraint up ON up.oid = k.conparentid
 WHERE ${within}
   AND (k.contype = 'p' OR up.oid IS NULL OR (up.conrelid <> k.conrelid AND up.confrelid = k.confrelid))
 ORDER BY c.oid, k.conname`;

/** An index that is not valid (a CREATE INDEX CONCURRENTLY that failed) proves nothing. */
export const indexes = `
SELECT c.oid, ic.relname, m.amname, i.indisunique, i.indpred IS NOT NULL OR i.indexprs IS NOT NULL, i.indisprimary,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
         WHERE u.n <= i.indnkeyatts)
${chosen}
  JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = ic.relam
 WHERE ${within}
 ORDER BY c.oid, ic.relname`;

/**
 * For each part of the catalog how many rows it has and the sum of the transactions that wrote them. Every change adds a
 * row with a younger transaction, or takes one away. ANALYZE and VACUUM write in place and are not seen.
 */
export const poll = `
WITH chosen AS (
  SELECT c.oid, c.xmin, c.reltype ${chosen} WHERE n.nspname::text = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
)
SELECT concat_ws(' ',
  (SELECT {} FROM chosen r),
  (SELECT {} FROM pg_catalog.pg_namespace r WHERE r.nspname::text = ANY ($1::text[])),
  (SELECT {} FROM pg_catalog.pg_attribute r WHERE r.attrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_attrdef r WHERE r.adrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_constraint r WHERE r.conrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_index r WHERE r.indrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_trigger r WHERE r.tgrelid IN (SELECT oid FROM chosen) AND NOT r.tgisinternal),
  (SELECT {} FROM pg_catalog.pg_rewrite r WHERE r.ev_class IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_description r
    WHERE r.classoid = 'pg_catalog.pg_class'::regclass AND r.objoid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_type r
    WHERE r.typtype IN ('d', 'e', 'r', 'm') OR (r.typtype = 'b' AND r.typelem = 0)),
  (SELECT {} FROM pg_catalog.pg_enum r))`.replaceAll(
  '{}',
  `count(*) || ':' || coalesce(sum(r.xmin::text::bigint), 0)`,
);
