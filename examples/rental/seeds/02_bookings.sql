INSERT INTO riders (id, name, email, internal_note) VALUES
  (1, 'Signe Holm', 'signe@example.dk', NULL),
  (2, 'Wout Claes', 'wout@example.be', 'Broke a lock in May; paid for it.'),
  (3, 'Ida Krogh', 'ida@example.dk', NULL);

-- Their prices come from the trigger.
INSERT INTO bookings (id, bike_id, rider_id, status, from_day, to_day, note) VALUES
  (1, 3, 1, 'back', '2026-05-04', '2026-05-06', NULL),
  (2, 6, 2, 'back', '2026-05-09', '2026-05-09', 'Basket, please.'),
  (3, 3, 1, 'booked', '2026-07-10', '2026-07-12', 'With the child seat.'),
  (4, 7, 2, 'booked', '2026-07-11', '2026-07-12', NULL),
  (5, 1, 3, 'cancelled', '2026-07-11', '2026-07-11', NULL);
