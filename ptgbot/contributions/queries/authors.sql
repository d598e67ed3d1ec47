SELECT DISTINCT name, email FROM authors;
