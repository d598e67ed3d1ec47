-- Messages that somebody sent, by account, name and address.
SELECT repository, id, subject, track, moment
FROM messages
WHERE CAST(? AS TEXT) = '' AND name = ? AND email = ?
ORDER BY repository, id, moment
LIMIT ? OFFSET ?;
