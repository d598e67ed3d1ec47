-- The messages of a mailing list and of its months, with the source in which each is.
SELECT id, repository FROM messages WHERE POSITION(? IN repository) = 1;
