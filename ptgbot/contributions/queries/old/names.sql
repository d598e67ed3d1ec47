-- The names that can be asked for, metrics among them: kind, name, the moment of the newest activity.
SELECT 'company', company, MAX(moment) FROM acts WHERE company <> '' GROUP BY company
UNION ALL SELECT 'module', module, MAX(moment) FROM acts WHERE module <> '' GROUP BY module
UNION ALL SELECT 'release', release, MAX(moment) FROM acts WHERE release <> '' GROUP BY release
UNION ALL SELECT 'user_id', user_id, MAX(moment) FROM acts WHERE user_id <> '' GROUP BY user_id
UNION ALL SELECT 'metric', metric, MAX(moment) FROM marks GROUP BY metric
ORDER BY 1, 3 DESC, 2;
