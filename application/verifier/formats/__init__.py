"""The bytes that stay for ever: entries, trees, checkpoints, proofs, signatures. 数据格式"""
