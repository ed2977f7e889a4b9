"""Commands and the ledger that carries them out, once each. 命令与总账"""
