-- The tables and views that are there, with their columns.
SELECT table_name, column_name
FROM information_schema.columns
WHERE table_schema = current_schema()
ORDER BY 1, 2;
