CREATE TABLE riders (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(80) NOT NULL,
  email varchar(190) NOT NULL,
  internal_note text,
  UNIQUE KEY riders_email (email)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT = 'Who has an account.';

CREATE TABLE bookings (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  bike_id int NOT NULL,
  rider_id int NOT NULL,
  status enum('booked', 'out', 'back', 'cancelled') NOT NULL DEFAULT 'booked',
  from_day date NOT NULL,
  to_day date NOT NULL,
  days int GENERATED ALWAYS AS (to_days(to_day) - to_days(from_day) + 1) STORED,
  price decimal(9, 2) NOT NULL DEFAULT 0,
  note varchar(300),
  created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  KEY bookings_bike (bike_id, from_day),
  KEY bookings_rider (rider_id),
  CONSTRAINT bookings_bike FOREIGN KEY (bike_id) REFERENCES bikes (id),
  CONSTRAINT bookings_rider FOREIGN KEY (rider_id) REFERENCES riders (id),
  CONSTRAINT bookings_days CHECK (to_day >= from_day)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT = 'Who has which bike, and when.';

CREATE FUNCTION rental_price(bike int, from_day date, to_day date) RETURNS decimal(9, 2)
READS SQL DATA
SQL SECURITY INVOKER
COMMENT 'What a bike costs from one day to another, both included.'
RETURN (SELECT day_price * (DATEDIFF(to_day, from_day) + 1) FROM bikes WHERE id = bike AND NOT retired);

-- A body with semicolons of its own needs another delimiter, as in the mysql client.
DELIMITER //

-- Nobody says the price of a booking, and a bike is given to one rider at a time.
CREATE TRIGGER bookings_made BEFORE INSERT ON bookings FOR EACH ROW
BEGIN
  IF EXISTS (
    SELECT 1 FROM bookings other
     WHERE other.bike_id = NEW.bike_id AND other.status <> 'cancelled'
       AND other.from_day <= NEW.to_day AND other.to_day >= NEW.from_day
  ) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The bike is taken on some of these days.';
  END IF;
  SET NEW.price = COALESCE(rental_price(NEW.bike_id, NEW.from_day, NEW.to_day), 0);
END//

CREATE PROCEDURE taken_days(bike int, upto date)
READS SQL DATA
SQL SECURITY INVOKER
COMMENT 'When a bike cannot be had, up to a day.'
BEGIN
  SELECT from_day, to_day, status
    FROM bookings
   WHERE bike_id = bike AND status <> 'cancelled' AND from_day <= upto
   ORDER BY from_day;
END//

DELIMITER ;
