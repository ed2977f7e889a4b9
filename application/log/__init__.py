"""The event store: one lock, one order, entries that are only appended. 日志存储"""
