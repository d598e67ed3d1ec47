SELECT COUNT(*) FROM messages WHERE repository = ?;
