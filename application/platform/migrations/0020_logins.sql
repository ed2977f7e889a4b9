-- The service's login makes no table, function or schema: read models are made by the owner, and only filled by the service.
REVOKE CREATE ON SCHEMA read, read_next FROM xiaohao_app;
REVOKE USAGE ON SCHEMA read_next FROM xiaohao_app;
ALTER DEFAULT PRIVILEGES FOR ROLE xiaohao_app IN SCHEMA read REVOKE SELECT ON TABLES FROM xiaohao_oversight;
DO $$
DECLARE name text;
BEGIN
    EXECUTE format('REVOKE CREATE ON DATABASE %I FROM xiaohao_app', current_database());
    FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('read', 'read_next') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO CURRENT_USER', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO xiaohao_app', name);
        EXECUTE format('GRANT SELECT ON %s TO xiaohao_oversight', name);
    END LOOP;
END $$;
-- Whether the database is as new as the program can be seen without its owner.
GRANT SELECT ON public.migration TO xiaohao_app, xiaohao_oversight;
