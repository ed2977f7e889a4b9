"""The one condition on an open problem p: neither struck off nor voided."""

OPEN = "(p.closed_on IS NULL AND p.voided_on IS NULL)"
