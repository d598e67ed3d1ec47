-- The names that can be asked for, metrics among them: kind, name, the moment of the newest activity.
SELECT kind, name, newest FROM named WHERE name <> '' ORDER BY 1, 3 DESC, 2;
