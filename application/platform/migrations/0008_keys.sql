-- What the authority is brought up to date with (application/trail/authority.py, TOPICS), now with the end of a log.
DROP INDEX log.event_of_authority;
CREATE INDEX event_of_authority ON log.event (position) WHERE topic IN (
    'log.opened', 'log.frozen', 'rules.adopted', 'official.enrolled', 'official.retired', 'role.granted',
    'role.withdrawn', 'key.enrolled', 'key.rotated', 'key.revoked');
