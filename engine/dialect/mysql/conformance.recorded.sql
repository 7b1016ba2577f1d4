-- What MariaDB and MySQL are sent for each construct of conformance.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # values of every type
-- ## mariadb, mysql
SELECT CONCAT('{"big":', COALESCE((`t0`.`big` + 0), 'null'), ',"small":', COALESCE((`t0`.`small` + 0), 'null'), ',"flags":', COALESCE(CASE `t0`.`flags` WHEN '' THEN '[]' ELSE CONCAT('[', REPLACE(JSON_QUOTE(CONVERT(`t0`.`flags` USING utf8mb4)), ',', '","'), ']') END, 'null'), ',"kind":', COALESCE(JSON_QUOTE(CONVERT(`t0`.`kind` USING utf8mb4)), 'null'), ',"born":', COALESCE(CONCAT('"', CASE WHEN MONTH(`t0`.`born`) > 0 AND DAYOFMONTH(`t0`.`born`) > 0 THEN CONCAT(`t0`.`born`) END, '"'), 'null'), ',"at":', COALESCE(CONCAT('"', REPLACE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CASE WHEN MONTH(`t0`.`at`) > 0 AND DAYOFMONTH(`t0`.`at`) > 0 THEN CONCAT(`t0`.`at`) END)), ' ', 'T'), '"'), 'null'), ',"seen":', COALESCE(CONCAT('"', REPLACE(CONCAT(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CASE WHEN MONTH(`t0`.`seen`) > 0 AND DAYOFMONTH(`t0`.`seen`) > 0 THEN CONCAT(`t0`.`seen`) END)), '+00'), ' ', 'T'), ':00"'), 'null'), ',"span":', COALESCE(CONCAT('"', TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CONCAT(`t0`.`span`))), '"'), 'null'), ',"y":', COALESCE((`t0`.`y` + 0), 'null'), ',"bits":', COALESCE(CONCAT('"', LPAD(BIN(`t0`.`bits` + 0), 4, '0'), '"'), 'null'), ',"raw":', COALESCE(CONCAT(_utf8mb4 X'225c5c78', LOWER(HEX(`t0`.`raw`)), '"'), 'null'), ',"place":', COALESCE(CONCAT(ST_AsGeoJSON(`t0`.`place`)), 'null'), ',"listed":', COALESCE(CASE `t0`.`listed` WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CONCAT(`t0`.`listed`) END, 'null'), ',"doc":', COALESCE(`t0`.`doc`, 'null'), ',"old":', COALESCE(JSON_QUOTE(CONVERT(`t0`.`old` USING utf8mb4)), 'null'), '}') FROM `things` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 2;
-- []

-- # values of every type as CSV
-- ## mariadb, mysql
SELECT CONCAT((`t0`.`big` + 0)), CONCAT((`t0`.`small` + 0)), CONCAT('{', CONVERT(`t0`.`flags` USING utf8mb4), '}'), CONVERT(`t0`.`kind` USING utf8mb4), CASE WHEN MONTH(`t0`.`born`) > 0 AND DAYOFMONTH(`t0`.`born`) > 0 THEN CONCAT(`t0`.`born`) END, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CASE WHEN MONTH(`t0`.`at`) > 0 AND DAYOFMONTH(`t0`.`at`) > 0 THEN CONCAT(`t0`.`at`) END)), CONCAT(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CASE WHEN MONTH(`t0`.`seen`) > 0 AND DAYOFMONTH(`t0`.`seen`) > 0 THEN CONCAT(`t0`.`seen`) END)), '+00'), TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CONCAT(`t0`.`span`))), CONCAT((`t0`.`y` + 0)), LPAD(BIN(`t0`.`bits` + 0), 4, '0'), CONCAT(_utf8mb4 X'5c78', LOWER(HEX(`t0`.`raw`))) FROM `things` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id`;
-- ["me","me"]

-- # an unsigned number beyond the signed ones, alone and in a list
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE ((`t0`.`big` = CAST(CAST(? AS CHAR) AS UNSIGNED)) AND `t0`.`big` IN (SELECT CAST(list.v AS UNSIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND `t0`.`big` > CAST(CAST(? AS CHAR) AS UNSIGNED)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["18446744073709551615",["18446744073709551615","5"],"18446744073709551614"]

-- # a set as a list of labels
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE ((CONVERT(`t0`.`flags` USING utf8mb4) COLLATE utf8mb4_bin = CONVERT(CAST(? AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin) AND CASE WHEN `t0`.`flags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`flags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) = IF(CONVERT(CAST(? AS CHAR) USING utf8mb4) = '', 0, CHAR_LENGTH(CONVERT(CAST(? AS CHAR) USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT(CAST(? AS CHAR) USING utf8mb4), ',', '')) + 1) END AND CASE WHEN `t0`.`flags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`flags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) = IF(CONVERT(`t0`.`flags` USING utf8mb4) = '', 0, CHAR_LENGTH(CONVERT(`t0`.`flags` USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT(`t0`.`flags` USING utf8mb4), ',', '')) + 1) END AND CASE WHEN `t0`.`flags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`flags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) > 0 END) ORDER BY `t0`.`id` LIMIT 1000;
-- ["a,b","b","b","b","b","b","b","a,b,c","a,b,c","a,b,c","a,c","a,c","a,c"]

-- # a label by its place in the type
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE (NULLIF(FIELD(`t0`.`kind`, 'low', 'top'), 0) > NULLIF(FIELD(CAST(? AS CHAR), 'low', 'top'), 0) AND `t0`.`kind` IN (SELECT list.v COLLATE `utf8mb4_bin` FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["low",["top","low"]]

-- # bytes, bits, years and times
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE ((`t0`.`raw` = UNHEX(SUBSTRING(CAST(? AS CHAR), 3))) AND (`t0`.`bits` = CAST(CONV(CAST(? AS CHAR), 2, 10) AS UNSIGNED)) AND `t0`.`y` IN (SELECT CAST(list.v AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND `t0`.`span` < CAST(CAST(? AS CHAR) AS TIME(6)) AND (`t0`.`seen` = CAST(CAST(? AS CHAR) AS DATETIME(6))) AND `t0`.`at` >= CAST(CAST(? AS CHAR) AS DATETIME(6))) ORDER BY `t0`.`id` LIMIT 1000;
-- ["\\x00ff","101",["1999"],"-26:00:00","2020-01-01 10:00:00","2020-01-01 10:00:00.5"]

-- # a shape that overlaps another
-- ## mariadb
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE MBRIntersects(`t0`.`place`, ST_GeomFromGeoJSON(CAST(? AS CHAR), 1, 0)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0,3],[3,3],[3,0],[0,0]]]}"]
-- ## mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE MBRIntersects(`t0`.`place`, ST_SRID(ST_GeomFromGeoJSON(CAST(? AS CHAR), 1, 0), ST_SRID(`t0`.`place`))) ORDER BY `t0`.`id` LIMIT 1000;
-- ["{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0,3],[3,3],[3,0],[0,0]]]}"]

-- # a caller's text under the column's collation
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE ((`t0`.`code` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci`) AND `t0`.`code` IN (SELECT list.v COLLATE `utf8mb4_general_ci` FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["ADMIN",["admin","日本"]]

-- # a text under a collation of bytes, and one of another character set
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE ((`t0`.`exact` = CAST(? AS CHAR) COLLATE `utf8mb4_bin`) AND (NOT (`t0`.`old` = CONVERT(CAST(? AS CHAR) USING `latin1`) COLLATE `latin1_swedish_ci` AND (CAST(CONVERT(CONVERT(CAST(? AS CHAR) USING `latin1`) USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY) OR `t0`.`old` IS NULL))) AND `t0`.`old` IN (SELECT CONVERT(list.v USING `latin1`) COLLATE `latin1_swedish_ci` FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list WHERE CAST(CONVERT(CONVERT(list.v USING `latin1`) USING utf8mb4) AS BINARY) = CAST(CONVERT(list.v USING utf8mb4) AS BINARY))) ORDER BY `t0`.`id` LIMIT 1000;
-- ["Admin","arger","arger","arger",["Ärger","日本"]]

-- # a policy's text byte by byte, whatever the collation
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `things` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["me","me"]

-- # an order and distinct rows under a collation
-- ## mariadb, mysql
SELECT CONCAT('{"owner":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c0` USING utf8mb4)), 'null'), '}') FROM (SELECT `t1`.* FROM (SELECT `t0`.`owner` AS `c0`, `t0`.`owner` AS `o0`, `t0`.`id` AS `o1`, ROW_NUMBER() OVER (PARTITION BY `t0`.`owner` ORDER BY `t0`.`owner` DESC, `t0`.`id`, `t0`.`id`) AS `i` FROM `things` AS `t0` WHERE (true)) AS `t1` WHERE `t1`.`i` = 1 ORDER BY `t1`.`o0` DESC, `t1`.`o1` LIMIT 1000) AS `t2`;
-- []

-- # groups by text that a collation takes for one
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"owner":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c0` USING utf8mb4)), 'null'), ',"count":', COALESCE(`t2`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT CONVERT(MIN(CAST(CONVERT(`t1`.`g0` USING utf8mb4) AS BINARY)) USING utf8mb4) AS `c0`, COUNT(*) AS `c1` FROM (SELECT `t0`.`owner` AS `g0` FROM `things` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0` ORDER BY `t1`.`g0` IS NULL, `t1`.`g0`, `t1`.`g0` IS NULL, `t1`.`g0` LIMIT 1000) AS `t2`;
-- []

-- # an exact sum beyond every integer, and a variance with an exponent
-- ## mariadb, mysql
SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"sum":', CONCAT('{"big":', COALESCE(CASE WHEN LOCATE('.', SUM(`t0`.`big`)) > 0 THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM SUM(`t0`.`big`))) ELSE CONCAT(SUM(`t0`.`big`)) END, 'null'), '}'), ',"max":', CONCAT('{"big":', COALESCE((MAX(`t0`.`big`) + 0), 'null'), '}'), ',"var_pop":', CONCAT('{"big":', COALESCE(CAST(VAR_POP(CAST(`t0`.`big` AS DOUBLE)) AS CHAR(24)), 'null'), '}'), '}') FROM `things` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED)), 'null'), '}'), 1;
-- ["0"]

-- # zeros of an exponent are no places
-- ## mariadb, mysql
SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"var_pop":', CONCAT('{"big":', COALESCE(CAST(VAR_POP(CAST(`t0`.`big` AS DOUBLE)) AS CHAR(24)), 'null'), '}'), '}') FROM `things` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED)), 'null'), '}'), 1;
-- ["1"]

-- # new rows with keys that the server makes up
-- ## mariadb
INSERT INTO `parts` (`note`) VALUES (?), (?) RETURNING CONCAT(`id`);
-- ["four","日本"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `parts` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"note":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`note` AS `c1` FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `t3`.`id` DESC LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"4\"],[\"5\"]]"]
-- ## mysql
INSERT INTO `parts` (`note`) VALUES (?), (?);
-- ["four","日本"]
SELECT CONCAT(LAST_INSERT_ID()), CONCAT(@@auto_increment_increment);
-- []
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `parts` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"note":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`note` AS `c1` FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `t3`.`id` DESC LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"4\"],[\"5\"]]"]

-- # a new row of nothing but defaults
-- ## mariadb
INSERT INTO `parts` () VALUES () RETURNING CONCAT(`id`);
-- []
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `parts` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"note":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c0` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`note` AS `c0` FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"6\"]]"]
-- ## mysql
INSERT INTO `parts` () VALUES ();
-- []
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `parts` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"note":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c0` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`note` AS `c0` FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"6\"]]"]

-- # a new row with a key that a default makes up
-- ## mariadb
INSERT INTO `made` (`note`) VALUES (?) RETURNING CONVERT(`id` USING utf8mb4);
-- ["n"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `made` AS `t0` ON `t0`.`id` = CONVERT(`written`.`c0` USING `latin1`) COLLATE `latin1_swedish_ci`), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `made` AS `t1` ON `t1`.`id` = CONVERT(`written`.`c0` USING `latin1`) COLLATE `latin1_swedish_ci` WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONVERT(`t2`.`id` USING utf8mb4) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `made` AS `t2` ON `t2`.`id` = CONVERT(`written`.`c0` USING `latin1`) COLLATE `latin1_swedish_ci` WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c0` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0` FROM `written` STRAIGHT_JOIN `made` AS `t3` ON `t3`.`id` = CONVERT(`written`.`c0` USING `latin1`) COLLATE `latin1_swedish_ci` WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"k1\"]]"]
-- ## mysql
-- nothing

-- # rows of a table without a key, to be read back
-- ## mariadb, mysql
-- nothing

-- # rows of a table without a key, of which nothing is asked
-- ## mariadb, mysql
UPDATE `tallies` AS `t0` SET `t0`.`n` = ? WHERE (`t0`.`note` = CONVERT(CAST(? AS CHAR) USING `latin1`) COLLATE `latin1_swedish_ci` AND (CAST(CONVERT(CONVERT(CAST(? AS CHAR) USING `latin1`) USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY) OR `t0`.`note` IS NULL));
-- ["2","a","a","a"]

-- # an upsert by another unique key, under its collation
-- ## mariadb, mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), (true) IS TRUE, (true) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY `t2`.`c0` COLLATE `utf8mb4_general_ci`) END AS `novastack_first`, `t2`.`c0` COLLATE `utf8mb4_general_ci` AS `code` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY `t2`.`c0` COLLATE `utf8mb4_general_ci` LIMIT 18446744073709551615) AS `t1` LEFT JOIN `things` AS `t0` ON `t0`.`code` = `t1`.`code` ORDER BY `t1`.`code` FOR UPDATE;
-- ["[[\"ADMIN\"],[\"日本\"]]"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `things` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`exact` = `hand`.`c1`;
-- ["[[\"1\",\"Ä\"],[\"2\",\"本\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `things` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"code":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c1` USING utf8mb4)), 'null'), ',"exact":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c2` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`code` AS `c1`, `t3`.`exact` AS `c2` FROM `written` STRAIGHT_JOIN `things` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"1\",\"0\"],[\"2\",\"0\"]]"]

-- # an upsert of one row twice
-- ## mariadb, mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), (true) IS TRUE, (true) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY `t2`.`c0` COLLATE `utf8mb4_general_ci`) END AS `novastack_first`, `t2`.`c0` COLLATE `utf8mb4_general_ci` AS `code` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY `t2`.`c0` COLLATE `utf8mb4_general_ci` LIMIT 18446744073709551615) AS `t1` LEFT JOIN `things` AS `t0` ON `t0`.`code` = `t1`.`code` ORDER BY `t1`.`code` FOR UPDATE;
-- ["[[\"ADMIN\"],[\"admin\"]]"]

-- # an upsert of another's row, which the policy keeps byte by byte
-- ## mariadb, mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE, (true) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY `t2`.`c0` COLLATE `utf8mb4_general_ci`) END AS `novastack_first`, `t2`.`c0` COLLATE `utf8mb4_general_ci` AS `code` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY `t2`.`c0` COLLATE `utf8mb4_general_ci` LIMIT 18446744073709551615) AS `t1` LEFT JOIN `things` AS `t0` ON `t0`.`code` = `t1`.`code` ORDER BY `t1`.`code` FOR UPDATE;
-- ["me","me","[[\"日本\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN(CASE WHEN `written`.`c1` = '1' THEN (true) IS TRUE ELSE (NOT (`t1`.`exact` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`exact` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE END), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `things` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `things` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)));
-- ["[]","x","x","me","me"]

-- # new rows, but for those that are there
-- ## mariadb
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONVERT(`t0`.`code` USING utf8mb4) FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY `t2`.`c0` COLLATE `utf8mb4_general_ci`) END AS `novastack_first`, `t2`.`c0` COLLATE `utf8mb4_general_ci` AS `code` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY `t2`.`c0` COLLATE `utf8mb4_general_ci` LIMIT 18446744073709551615) AS `t1` LEFT JOIN `things` AS `t0` ON `t0`.`code` = `t1`.`code` ORDER BY `t1`.`code`;
-- ["[[\"aDMIN\"],[\"new\"]]"]
INSERT INTO `things` (`code`, `owner`) VALUES (?, ?) RETURNING CONCAT(`id`);
-- ["new","x"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `things` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"code":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c0` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`code` AS `c0` FROM `written` STRAIGHT_JOIN `things` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"4\"]]"]
-- ## mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONVERT(`t0`.`code` USING utf8mb4) FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY `t2`.`c0` COLLATE `utf8mb4_general_ci`) END AS `novastack_first`, `t2`.`c0` COLLATE `utf8mb4_general_ci` AS `code` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY `t2`.`c0` COLLATE `utf8mb4_general_ci` LIMIT 18446744073709551615) AS `t1` LEFT JOIN `things` AS `t0` ON `t0`.`code` = `t1`.`code` ORDER BY `t1`.`code`;
-- ["[[\"aDMIN\"],[\"new\"]]"]
INSERT INTO `things` (`code`, `owner`) VALUES (?, ?);
-- ["new","x"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `things` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"code":', COALESCE(JSON_QUOTE(CONVERT(`t4`.`c0` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`code` AS `c0` FROM `written` STRAIGHT_JOIN `things` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"4\"]]"]

-- # a change of the key itself, read back by the new one
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(CAST(CAST(? AS CHAR) AS SIGNED)) FROM `things` AS `t0` WHERE (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["33","3"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `hand` STRAIGHT_JOIN `things` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`id` = ?, `written`.`exact` = ?;
-- ["[[\"3\"]]","33","moved"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), ',"exact":', COALESCE(JSON_QUOTE(CONVERT(`t3`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`id` AS `c0`, `t2`.`exact` AS `c1` FROM `written` STRAIGHT_JOIN `things` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t3`);
-- ["[[\"33\"]]"]

-- # new rows whose check looks at other rows, once all are written
-- ## mariadb
INSERT INTO `parts` (`id`, `thing_id`) VALUES (?, ?), (?, ?) RETURNING CONCAT(`id`);
-- ["10","1","11","2"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t8`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t2` WHERE `t2`.`id` = `t1`.`thing_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t4` WHERE `t4`.`id` = `t3`.`thing_id` AND (`t4`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t4`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t7`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t5`.`id` AS `c0` FROM `written` STRAIGHT_JOIN `parts` AS `t5` ON `t5`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t6` WHERE `t6`.`id` = `t5`.`thing_id` AND (`t6`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t6`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t7`);
-- ["[[\"10\"],[\"11\"]]","me","me","me","me","me","me"]
SELECT CASE WHEN COALESCE(MIN(`t0`.`id` IS NOT NULL AND (EXISTS (SELECT 1 FROM `things` AS `t2` WHERE `t2`.`id` = `t0`.`thing_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t1` LEFT JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`t1`.`c0` AS SIGNED);
-- ["me","me","[[\"10\"],[\"11\"]]"]
-- ## mysql
INSERT INTO `parts` (`id`, `thing_id`) VALUES (?, ?), (?, ?);
-- ["10","1","11","2"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t8`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t2` WHERE `t2`.`id` = `t1`.`thing_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t4` WHERE `t4`.`id` = `t3`.`thing_id` AND (`t4`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t4`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t7`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t5`.`id` AS `c0` FROM `written` STRAIGHT_JOIN `parts` AS `t5` ON `t5`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t6` WHERE `t6`.`id` = `t5`.`thing_id` AND (`t6`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t6`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t7`);
-- ["[[\"10\"],[\"11\"]]","me","me","me","me","me","me"]
SELECT CASE WHEN COALESCE(MIN(`t0`.`id` IS NOT NULL AND (EXISTS (SELECT 1 FROM `things` AS `t2` WHERE `t2`.`id` = `t0`.`thing_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t1` LEFT JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`t1`.`c0` AS SIGNED);
-- ["me","me","[[\"10\"],[\"11\"]]"]

-- # a change of what a policy hangs on, looked at again by its key
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`) FROM `parts` AS `t0` WHERE (EXISTS (SELECT 1 FROM `things` AS `t1` WHERE `t1`.`id` = `t0`.`thing_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) AND (`t0`.`note` = CAST(? AS CHAR) COLLATE `utf8mb4_bin`)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["me","me","two"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `hand` STRAIGHT_JOIN `parts` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`thing_id` = ?;
-- ["[[\"2\"]]","1"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t6`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t2` WHERE `t2`.`id` = `t1`.`thing_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t5`.`c0`, 'null'), ',"thing_id":', COALESCE(`t5`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t3`.`id` AS `c0`, `t3`.`thing_id` AS `c1` FROM `written` STRAIGHT_JOIN `parts` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE EXISTS (SELECT 1 FROM `things` AS `t4` WHERE `t4`.`id` = `t3`.`thing_id` AND (`t4`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t4`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t5`);
-- ["[[\"2\"]]","me","me","me","me"]
SELECT CASE WHEN COALESCE(MIN(`t0`.`id` IS NOT NULL AND (EXISTS (SELECT 1 FROM `things` AS `t2` WHERE `t2`.`id` = `t0`.`thing_id` AND (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t1` LEFT JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`t1`.`c0` AS SIGNED);
-- ["me","me","[[\"2\"]]"]

-- # a change that its check does not pass
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`) FROM `things` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["me","me","0"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `hand` STRAIGHT_JOIN `things` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`exact` = ?;
-- ["[[\"1\"]]","x"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t3`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN((NOT (`t1`.`exact` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`exact` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `things` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `things` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED)), NULL;
-- ["[[\"1\"]]","x","x"]

-- # a deletion behind a policy with a list
-- ## mariadb, mysql
DELETE `t0` FROM `things` AS `t0` WHERE (((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND (`t0`.`owner` IN (SELECT list.v COLLATE `utf8mb4_general_ci` FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) IN (SELECT CAST(CONVERT(list.v USING utf8mb4) AS BINARY) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list))) AND (`t0`.`code` = CAST(? AS CHAR) COLLATE `utf8mb4_general_ci`));
-- ["me","me",["me","us"],["me","us"],"ADMIN"]

-- # a deletion, told with what it hung on
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`) FROM `parts` AS `t0` WHERE (LOWER(CONVERT(`t0`.`note` USING utf8mb4) COLLATE utf8mb4_bin) LIKE LOWER(CONVERT(CAST(? AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin) AND (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED))) ORDER BY `t0`.`id` FOR UPDATE;
-- ["TH%","3"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t5`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `parts` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"thing":', COALESCE(`t4`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`id` AS `c0`, (SELECT CONCAT('{"code":', COALESCE(JSON_QUOTE(CONVERT(`t3`.`code` USING utf8mb4)), 'null'), '}') FROM `things` AS `t3` WHERE `t3`.`id` = `t2`.`thing_id` AND (true) LIMIT 1) AS `c1` FROM `written` STRAIGHT_JOIN `parts` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t4`);
-- ["[[\"3\"]]"]
DELETE `written` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `hand` STRAIGHT_JOIN `parts` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED);
-- ["[[\"3\"]]"]
