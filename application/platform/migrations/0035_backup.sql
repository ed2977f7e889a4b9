-- Whoever backs up as the service carries the verdicts of the oversight door too; its sessions are in no backup.
GRANT USAGE ON SCHEMA oversight TO xiaohao_app;
GRANT SELECT ON oversight.verdict TO xiaohao_app;
