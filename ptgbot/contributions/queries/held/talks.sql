-- Commands that somebody gave, by account, name and address.
SELECT record, kind, track, moment
FROM talks
WHERE account = ? AND name = ? AND CAST(? AS TEXT) = ''
ORDER BY record
LIMIT ? OFFSET ?;
