"""What an operator is told on the command line, in plain English."""


class OperatorError(Exception):
    """`couldn't <verb> <object>: <why>; <what to do>`. No defect: the machine or the call is not as it must be."""
