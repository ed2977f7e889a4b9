-- When an imported tip is withdrawn, the row that it came from may be imported again (in the withdrawal's own transaction).
GRANT DELETE ON vault.source_key TO xiaohao_app;
