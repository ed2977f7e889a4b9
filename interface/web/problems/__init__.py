"""Pages of problems. 问题台账"""
