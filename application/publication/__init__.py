"""The published log: publishing, witnesses, proofs, restoring. 日志公开"""
