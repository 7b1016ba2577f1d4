-- What MariaDB and MySQL are sent for each construct of conformance-writes.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # an upsert by the caller's own condition, of columns of its choice
-- ## mariadb
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE, (((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`stock` < CAST(CAST(? AS CHAR) AS SIGNED))) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY CAST(`t2`.`c0` AS SIGNED)) END AS `novastack_first`, CAST(`t2`.`c0` AS SIGNED) AS `id` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY CAST(`t2`.`c0` AS SIGNED) LIMIT 18446744073709551615) AS `t1` LEFT JOIN `books` AS `t0` ON `t0`.`id` = `t1`.`id` ORDER BY `t1`.`id` FOR UPDATE;
-- ["me","me","me","me","5","[[\"1\"],[\"9\"]]"]
INSERT INTO `books` (`id`, `title`, `owner`) VALUES (?, ?, ?) RETURNING CONCAT(`id`);
-- ["9","New","me"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN(CASE WHEN `written`.`c1` = '1' THEN (true) IS TRUE ELSE ((`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE END), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)));
-- ["[[\"9\",\"1\"]]","me","me","me","me"]
-- ## mysql
SELECT `t1`.`novastack_position`, `t1`.`novastack_first`, CONCAT(`t0`.`id`), ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE, (((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`stock` < CAST(CAST(? AS CHAR) AS SIGNED))) IS TRUE, (true) IS TRUE FROM (SELECT `t2`.`position` AS `novastack_position`, CASE WHEN `t2`.`c0` IS NULL THEN `t2`.`position` ELSE MIN(`t2`.`position`) OVER (PARTITION BY CAST(`t2`.`c0` AS SIGNED)) END AS `novastack_first`, CAST(`t2`.`c0` AS SIGNED) AS `id` FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t2` ORDER BY CAST(`t2`.`c0` AS SIGNED) LIMIT 18446744073709551615) AS `t1` LEFT JOIN `books` AS `t0` ON `t0`.`id` = `t1`.`id` ORDER BY `t1`.`id` FOR UPDATE;
-- ["me","me","me","me","5","[[\"1\"],[\"9\"]]"]
INSERT INTO `books` (`id`, `title`, `owner`) VALUES (?, ?, ?);
-- ["9","New","me"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE WHEN COALESCE(MIN(CASE WHEN `written`.`c1` = '1' THEN (true) IS TRUE ELSE ((`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) IS TRUE END), 1) = 1 THEN 't' ELSE 'f' END FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t3`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)));
-- ["[[\"9\",\"1\"]]","me","me","me","me"]

-- # rows that hang on others, and what hangs on them needs
-- ## mariadb
INSERT INTO `books` (`id`, `title`, `author_id`) VALUES (?, ?, ?) RETURNING CONCAT(`id`);
-- ["8","New","2"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('[', COALESCE(`t3`.`id`, 'null'), ',', COALESCE(`t3`.`id`, 'null'), ']') ORDER BY `written`.`position` SEPARATOR ','), ''), ']') FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED));
-- ["[[\"8\"]]"]
-- ## mysql
INSERT INTO `books` (`id`, `title`, `author_id`) VALUES (?, ?, ?);
-- ["8","New","2"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED)), (SELECT CASE COUNT(*) WHEN 1 THEN MAX(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t2`.`id`) USING utf8mb4)), 'null'), ']')) END FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('[', COALESCE(`t3`.`id`, 'null'), ',', COALESCE(`t3`.`id`, 'null'), ']') ORDER BY `written`.`position` SEPARATOR ','), ''), ']') FROM `written` STRAIGHT_JOIN `books` AS `t3` ON `t3`.`id` = CAST(`written`.`c0` AS SIGNED));
-- ["[[\"8\"]]"]

-- # written rows read back by their keys, in their order
-- ## mariadb, mysql
SELECT CONCAT('{"title":', COALESCE(JSON_QUOTE(CONVERT(`t0`.`title` USING utf8mb4)), 'null'), '}') FROM JSON_TABLE(?, '$[*]' COLUMNS (`i` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$.c0')) AS `t1` JOIN `books` AS `t0` ON `t0`.`id` = CAST(`t1`.`c0` AS SIGNED) WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t1`.`i`;
-- ["[{\"c0\":2},{\"c0\":3},{\"c0\":1}]","me","me"]

-- # an update by operators
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`), CONCAT(`t0`.`meta`) FROM `books` AS `t0` WHERE (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["1"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`title` = ?, `written`.`stock` = `written`.`stock` + CAST(? AS DECIMAL(65,0)), `written`.`meta` = `hand`.`c1`;
-- ["[[\"1\",\"{\\\"k\\\":{\\\"l\\\":1,\\\"m\\\":2},\\\"a\\\":1}\"]]","Uno","2"]

-- # prepend
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`), CONCAT(`t0`.`meta`) FROM `books` AS `t0` WHERE (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["1"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`meta` = `hand`.`c1`;
-- ["[[\"1\",\"[0,{\\\"k\\\":{\\\"l\\\":1,\\\"m\\\":2}}]\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"meta":', COALESCE(`t3`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`meta` AS `c0` FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t3`);
-- ["[[\"1\"]]"]

-- # delete a key
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`), CONCAT(`t0`.`meta`) FROM `books` AS `t0` WHERE (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["1"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`meta` = `hand`.`c1`;
-- ["[[\"1\",\"{}\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"meta":', COALESCE(`t3`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`meta` AS `c0` FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t3`);
-- ["[[\"1\"]]"]

-- # delete an element
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`), CONCAT(`t0`.`meta`) FROM `books` AS `t0` WHERE (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["2"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`meta` = `hand`.`c1`;
-- ["[[\"2\",\"[2]\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"meta":', COALESCE(`t3`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`meta` AS `c0` FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t3`);
-- ["[[\"2\"]]"]

-- # delete at a path
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`id`), CONCAT(`t0`.`meta`) FROM `books` AS `t0` WHERE (`t0`.`id` = CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` FOR UPDATE;
-- ["1"]
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) AS `hand` STRAIGHT_JOIN `books` AS `written` ON `written`.`id` = CAST(`hand`.`c0` AS SIGNED) SET `written`.`meta` = `hand`.`c1`;
-- ["[[\"1\",\"{\\\"k\\\":{\\\"m\\\":2}}\"]]"]
WITH `written` AS (SELECT * FROM JSON_TABLE(?, '$[*]' COLUMNS (`position` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) AS `t4`) SELECT (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t0` ON `t0`.`id` = CAST(`written`.`c0` AS SIGNED)), 't', (SELECT COUNT(*) FROM `written` STRAIGHT_JOIN `books` AS `t1` ON `t1`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true), NULL, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"meta":', COALESCE(`t3`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT `t2`.`meta` AS `c0` FROM `written` STRAIGHT_JOIN `books` AS `t2` ON `t2`.`id` = CAST(`written`.`c0` AS SIGNED) WHERE true ORDER BY `written`.`position` LIMIT 18446744073709551615) AS `t3`);
-- ["[[\"1\"]]"]
