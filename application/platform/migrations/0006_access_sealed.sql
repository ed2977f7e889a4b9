-- The newest seal over the table of readings is asked for every hour, and by /healthz.
CREATE INDEX event_of_seals ON log.event (position) WHERE topic = 'access.sealed';
