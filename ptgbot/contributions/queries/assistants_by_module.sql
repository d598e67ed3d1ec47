-- Commits by module, and those in which an assistant had a part.
SELECT module, COUNT(*), SUM(is_assisted)
FROM assisted
GROUP BY module
ORDER BY 1;
