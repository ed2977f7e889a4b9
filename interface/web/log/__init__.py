"""The log over HTTP: receipts, tiles, proofs, health. 日志"""
