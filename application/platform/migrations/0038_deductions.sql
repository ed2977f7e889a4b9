-- What was proposed before, for the question whether the same conduct was cited already (application/deductions.py).
CREATE INDEX event_of_deductions ON log.event (position) WHERE topic = 'deduction.proposed';
