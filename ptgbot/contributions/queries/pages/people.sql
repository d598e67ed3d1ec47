-- The names of all people by their ids.
SELECT user_id, name FROM people ORDER BY 1;
