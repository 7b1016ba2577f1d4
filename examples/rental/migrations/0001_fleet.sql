-- Character set and collation are named, so that the tables are the same on MariaDB and on MySQL, whose defaults differ.
CREATE TABLE stations (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(80) NOT NULL,
  city varchar(60) NOT NULL,
  opened_on date NOT NULL,
  opens_at time NOT NULL,
  UNIQUE KEY stations_name (city, name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT = 'Where bikes are fetched and brought back.';

CREATE TABLE bikes (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  station_id int NOT NULL,
  model varchar(80) NOT NULL,
  kind enum('city', 'cargo', 'mountain', 'tandem') NOT NULL,
  extras set('basket', 'child seat', 'lights', 'lock') NOT NULL COMMENT 'What is on it, at no extra price.',
  description text NOT NULL,
  day_price decimal(7, 2) NOT NULL,
  purchase_price decimal(9, 2),
  frame json NOT NULL COMMENT 'Size in cm, material, gears.',
  retired tinyint(1) NOT NULL,
  bought_at datetime(3) NOT NULL,
  KEY bikes_station (station_id),
  FULLTEXT KEY bikes_description (description),
  CONSTRAINT bikes_station FOREIGN KEY (station_id) REFERENCES stations (id),
  CONSTRAINT bikes_price CHECK (day_price > 0)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT = 'What is rented out.';
