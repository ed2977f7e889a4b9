"""Commands for the log: publish, prove, verify. 日志"""
