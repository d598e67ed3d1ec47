-- Each metric by week, which begins on Monday at midnight UTC; 1970-01-05 was one.
SELECT metric, CAST(FLOOR((moment - 345600) / 604800.0) AS BIGINT) * 604800 + 345600 AS week, SUM(amount)
FROM marks
GROUP BY metric, CAST(FLOOR((moment - 345600) / 604800.0) AS BIGINT) * 604800 + 345600
ORDER BY 1, 2;
