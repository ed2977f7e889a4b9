-- On a PostgreSQL of your own (15 or newer), once, as a superuser; choose the passwords. Then
--   DATABASE_URL=postgresql://xiaohao_app:…@HOST/xiaohao                  the service: may append, owns nothing
--   DATABASE_OVERSIGHT_URL=postgresql://xiaohao_oversight:…@HOST/xiaohao  the oversight door: may look
--   DATABASE_OWNER_URL=postgresql://xiaohao_owner:…@HOST/xiaohao          only for `init`, `rebuild`, `fsck` and the first start
--                                                                         of a newer program; not kept where the service runs
CREATE ROLE xiaohao_owner LOGIN PASSWORD 'change-me-1';
CREATE ROLE xiaohao_app LOGIN PASSWORD 'change-me-2';
CREATE ROLE xiaohao_oversight LOGIN PASSWORD 'change-me-3';
GRANT xiaohao_app, xiaohao_oversight TO xiaohao_owner WITH ADMIN OPTION;
CREATE DATABASE xiaohao OWNER xiaohao_owner;
