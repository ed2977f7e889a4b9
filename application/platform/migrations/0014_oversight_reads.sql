-- Who sent which command is nowhere shown at the oversight door.
REVOKE SELECT ON log.command FROM xiaohao_oversight;
