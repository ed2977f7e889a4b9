-- Where read models are built anew before they take the place of those in `read`.
CREATE SCHEMA read_next;
GRANT USAGE, CREATE ON SCHEMA read_next TO xiaohao_app;
